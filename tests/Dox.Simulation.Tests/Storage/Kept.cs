using System.Text;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.Simulation.Tests.Scheduling;
using Dox.Workflows.Interpretation;

namespace Dox.Simulation.Tests.Storage;

/// <summary>A write as it left its node: what that changes afterwards isn't in it.</summary>
internal sealed record Kept(
    Actor Writer, RunHeader Run, RunWriteKind Kind, RunGuard Expected, RunStatus Status, string? CurrentStep, string State, string? Error, DateTimeOffset UpdatedAt,
    DateTimeOffset? EndedAt, string? Owner, long Token, DateTimeOffset? WakeAt, int Recoveries, bool IntentIsMet, int JournalLength, byte[] JournalHash,
    IReadOnlyList<JournalEntry> Entries, IReadOnlyList<OutboxMessage> Messages, bool TellsBanks, IReadOnlyList<StartKey> Keys, AuditRecord? Audit, bool IsLetGo)
{
    public static Kept Of(Actor writer, RunWrite write) => new(
        writer, write.Run, write.Kind, write.Expected, write.Status, write.CurrentStep, Encoding.UTF8.GetString(write.State.Span), write.Error, write.UpdatedAt,
        write.EndedAt, write.Owner, write.Token, write.WakeAt, write.Recoveries, write.IntentIsMet, write.JournalLength, write.JournalHash,
        [.. write.Entries], [.. write.Messages], write.BankNote is not null, write.Keys, write.Audit, write.IsLetGo);
}

/// <summary>Rows from writes, and copies of rows.</summary>
internal static class Rows
{
    /// <param name="isAnswer">Its holder loses it, whatever is wanted of it.</param>
    public static OpenRun Open(Kept write, OpenRun? before, bool isAnswer = false) => new()
    {
        Id = write.Run.Id,
        Bucket = write.Run.Bucket,
        Account = write.Run.Account,
        User = write.Run.User,
        RuleName = write.Run.RuleName,
        RuleVersion = write.Run.RuleVersion,
        RuleHash = write.Run.RuleHash,
        Service = write.Run.Service,
        Priority = write.Run.Priority,
        DocumentId = write.Run.DocumentId,
        TraceParent = write.Run.TraceParent,
        StartedAt = write.Run.StartedAt,
        UpdatedAt = write.UpdatedAt,
        Status = write.Status,
        CurrentStep = write.CurrentStep,
        State = write.State,
        Error = write.Error,
        JournalLength = write.JournalLength,
        JournalHash = write.JournalHash,
        Recoveries = write.Recoveries,
        // A wish that isn't met keeps its holder.
        Owner = before?.Intent is null || write.IntentIsMet || isAnswer ? write.Owner : before.Owner,
        Token = write.Token,
        WakeAt = before is { Intent: not null, Owner: not null } && !write.IntentIsMet && !isAnswer ? null : write.WakeAt,
        Intent = write.IntentIsMet ? null : before?.Intent,
        IntentBy = write.IntentIsMet ? null : before?.IntentBy,
        IntentReason = write.IntentIsMet ? null : before?.IntentReason,
    };

    public static EndedRun Ended(Kept write) => new()
    {
        Id = write.Run.Id,
        Bucket = write.Run.Bucket,
        Account = write.Run.Account,
        User = write.Run.User,
        RuleName = write.Run.RuleName,
        RuleVersion = write.Run.RuleVersion,
        RuleHash = write.Run.RuleHash,
        Service = write.Run.Service,
        Priority = write.Run.Priority,
        DocumentId = write.Run.DocumentId,
        TraceParent = write.Run.TraceParent,
        StartedAt = write.Run.StartedAt,
        UpdatedAt = write.UpdatedAt,
        EndedAt = write.EndedAt!.Value,
        Status = write.Status,
        CurrentStep = write.CurrentStep,
        State = write.State,
        Error = write.Error,
        JournalLength = write.JournalLength,
        JournalHash = write.JournalHash,
        Recoveries = write.Recoveries,
    };

    public static OpenRun Copy(OpenRun row) => new()
    {
        Id = row.Id,
        Bucket = row.Bucket,
        Account = row.Account,
        User = row.User,
        RuleName = row.RuleName,
        RuleVersion = row.RuleVersion,
        RuleHash = row.RuleHash,
        Service = row.Service,
        Priority = row.Priority,
        DocumentId = row.DocumentId,
        TraceParent = row.TraceParent,
        StartedAt = row.StartedAt,
        UpdatedAt = row.UpdatedAt,
        Status = row.Status,
        CurrentStep = row.CurrentStep,
        State = row.State,
        Error = row.Error,
        JournalLength = row.JournalLength,
        JournalHash = row.JournalHash,
        Recoveries = row.Recoveries,
        Owner = row.Owner,
        Token = row.Token,
        WakeAt = row.WakeAt,
        Intent = row.Intent,
        IntentBy = row.IntentBy,
        IntentReason = row.IntentReason,
    };

    public static EndedRun Copy(EndedRun row) => new()
    {
        Id = row.Id,
        Bucket = row.Bucket,
        Account = row.Account,
        User = row.User,
        RuleName = row.RuleName,
        RuleVersion = row.RuleVersion,
        RuleHash = row.RuleHash,
        Service = row.Service,
        Priority = row.Priority,
        DocumentId = row.DocumentId,
        TraceParent = row.TraceParent,
        StartedAt = row.StartedAt,
        UpdatedAt = row.UpdatedAt,
        EndedAt = row.EndedAt,
        Status = row.Status,
        CurrentStep = row.CurrentStep,
        State = row.State,
        Error = row.Error,
        JournalLength = row.JournalLength,
        JournalHash = row.JournalHash,
        Recoveries = row.Recoveries,
    };
}
