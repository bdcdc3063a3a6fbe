using System.Text;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine.MemoryBanks;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>
/// Makes a write a part of what a context saves. For the handler of an event, whose effect must be committed with the inbox's row; everything
/// else goes through the <see cref="IRunStore"/>.
/// </summary>
internal static class EntityWrites
{
    /// <summary>Changes a tracked row that nobody holds. Its token, checked by the database, keeps two of them from both being made.</summary>
    public static void Change(this OrchestrationDbContext db, OpenRun row, RunWrite write)
    {
        db.Journal.AddRange(write.Entries);
        db.Outbox.AddRange(write.Messages);
        if (write.EndedAt is { } ended)
        {
            db.EndedRuns.Add(EndedRun(row, write, ended));
            db.OpenRuns.Remove(row);
            if (write.BankNote is { } note) db.BankNotes.Add(new BankNote { WorkflowId = row.Id, Sequence = write.JournalLength, Body = note });
            return;
        }

        (row.Status, row.CurrentStep, row.State, row.Error, row.UpdatedAt) = (write.Status, write.CurrentStep, Text(write), write.Error, write.UpdatedAt);
        (row.JournalLength, row.JournalHash, row.Recoveries) = (write.JournalLength, write.JournalHash, write.Recoveries);
        // Its holder can't meet a wish any more: whoever takes it next does
        (row.Owner, row.Token, row.WakeAt) = (write.Owner, write.Token, row.Intent is null ? write.WakeAt : write.UpdatedAt);
    }

    private static EndedRun EndedRun(OpenRun row, RunWrite write, DateTimeOffset ended) => new()
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
        UpdatedAt = write.UpdatedAt,
        EndedAt = ended,
        Status = write.Status,
        CurrentStep = write.CurrentStep,
        State = Text(write),
        Error = write.Error,
        JournalLength = write.JournalLength,
        JournalHash = write.JournalHash,
        Recoveries = write.Recoveries,
        Token = write.Token,
    };

    private static string Text(RunWrite write) => Encoding.UTF8.GetString(write.State.Span);
}
