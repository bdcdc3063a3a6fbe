using System.Runtime.CompilerServices;
using Dox.Orchestration.Documents;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Engine;

/// <summary>Writes runs down as they stand: row, journal and what must be told, in one transaction. Every write of a held run carries its token.</summary>
internal sealed class RunCheckpoints(RunWriter writer, RunMessages messages, INode node, IOptions<EngineOptions> options, TimeProvider clock)
{
    /// <summary>Keeps a new run, as it stands after <paramref name="attempt"/>, and what is accepted with it.</summary>
    public ValueTask<RunWriteResult> StartAsync(
        HeldRun run, StepAttempt? attempt = null, DocumentRecord? document = null, IReadOnlyList<StartKey>? keys = null, AuditRecord? audit = null)
    {
        var write = run.Write;
        write.Expected = default;
        (write.Document, write.Keys) = (document, keys ?? []);
        if (attempt is not null) Note(run, attempt);
        Fill(run, RunWriteKind.Start);
        write.Audit = audit;
        return writer.WriteAsync(write);
    }

    /// <summary>
    /// Keeps the run's state after an attempt. Attempts without effect of a rule that is written down at its ends wait for the next one that
    /// must be kept.
    /// </summary>
    /// <exception cref="LeaseLostException">The run has another owner now.</exception>
    public ValueTask CheckpointAsync(HeldRun run, StepAttempt attempt, bool mustPersist)
    {
        Note(run, attempt);
        return mustPersist || run.Rule.Durability == RuleDurability.Step ? PersistAsync(run) : ValueTask.CompletedTask;
    }

    /// <summary>
    /// The write that puts a run that nobody holds to how it stands after <paramref name="attempt"/>: due at once where it can go on, or at
    /// its end.
    /// </summary>
    public RunWrite Changed(HeldRun run, StepAttempt attempt)
    {
        var write = run.Write;
        write.Expected = new(Owner: null, run.Token, run.JournalLength);
        Note(run, attempt);
        Fill(run, RunWriteKind.Change);
        LetGo(run);
        return write;
    }

    /// <summary>Keeps what an operator made of a run that nobody holds, open or ended, with the act's line of the journal.</summary>
    public ValueTask<RunWriteResult> OperateAsync(HeldRun run, bool reopens, OperatorAct act, Operation operation, AuditRecord audit, StepAttempt? answer = null)
    {
        var write = run.Write;
        write.Expected = new(Owner: null, run.Token, run.JournalLength);
        if (answer is not null) Note(run, answer);
        Note(run, act);
        messages.AddTo(run.Untold, run, act, operation, ends: run.State.HasEnded && answer is null);
        Fill(run, reopens ? RunWriteKind.Reopen : RunWriteKind.Change);
        LetGo(run);
        (write.IntentIsMet, write.Audit) = (true, audit);
        return writer.WriteAsync(write);
    }

    /// <summary>Keeps what this node did to a run that it holds because an operator wanted it; the audit has noted that wish already.</summary>
    /// <exception cref="LeaseLostException">The run has another owner now.</exception>
    public ValueTask MeetAsync(HeldRun run, OperatorAct act, Operation operation)
    {
        Note(run, act);
        messages.AddTo(run.Untold, run, act, operation, ends: run.State.HasEnded);
        return PersistAsync(run, intentIsMet: true);
    }

    /// <summary>Notes an attempt, which the next checkpoint keeps.</summary>
    public void Note(HeldRun run, StepAttempt attempt)
    {
        Append(run, JournalEntry.Following(run.JournalHash, run.JournalLength + 1, run.Header, attempt, run.State.Status));
        messages.AddTo(run.Untold, run, attempt);
    }

    private static void Note(HeldRun run, OperatorAct act) =>
        Append(run, JournalEntry.Following(run.JournalHash, run.JournalLength + 1, run.Header, act, run.State.Status));

    private static void Append(HeldRun run, JournalEntry entry)
    {
        run.Unwritten.Add(entry);
        (run.JournalLength, run.JournalHash) = (entry.Sequence, entry.Hash);
    }

    /// <summary>Nobody holds it afterwards: it is due at once where it can go on.</summary>
    private static void LetGo(HeldRun run)
    {
        var (write, state) = (run.Write, run.State);
        (write.Owner, write.Token) = (null, run.Token + 1);
        write.WakeAt = state.Status == RunStatus.Paused ? null : state.IsWaiting ? state.WakeAt : state.WakeAt ?? write.UpdatedAt;
    }

    // The one thing that every step waits for: its state is used again.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask PersistAsync(HeldRun run, bool intentIsMet = false)
    {
        var write = run.Write;
        write.Expected = new(node.Id, run.Token, run.JournalLength - run.Unwritten.Count);
        // It got further: whatever killed its nodes before wasn't this step.
        if (!run.State.HasEnded) run.Recoveries = 0;
        Fill(run, RunWriteKind.Change);
        write.IntentIsMet = intentIsMet;
        var result = await writer.WriteAsync(write);
        if (!result.IsWritten) throw new LeaseLostException(run.Id);
        run.Checkpointed();
        run.Intent = result.Intent;
        // The store keeps the lease where an operator wants something that nobody else would meet.
        if (run.Intent is not null && !run.State.HasEnded) run.IsLeased = true;
    }

    private void Fill(HeldRun run, RunWriteKind kind)
    {
        var (state, write, now) = (run.State, run.Write, clock.GetUtcNow());
        // Who waits for a person, an event, a far timer or a far attempt holds no lease: nobody has to be alive for it. A short wait is sat out with the lease
        // held, or another worker would take the run meanwhile.
        var waits = state.Status == RunStatus.Paused || ((state.IsWaiting || state.Status == RunStatus.Retry) && !(state.WakeAt - now <= options.Value.LongestPause));
        // A run of a rule that limits its runs is kept first, and taken when there is room: all nodes count what is held.
        var isToBeTaken = kind == RunWriteKind.Start && run.Rule.Limits.Runs is not null && !waits && !state.HasEnded;
        run.IsLeased = !waits && !isToBeTaken;
        (write.IntentIsMet, write.Audit) = (false, null);
        run.Buffer.ResetWrittenCount();
        RunStateJson.Write(state, run.Buffer);
        write.Kind = kind;
        (write.Status, write.CurrentStep, write.State) = (state.Status, state.Cursor, run.Buffer.WrittenMemory);
        write.Error = RunRow.Shorten(state.Error?.Message);
        write.UpdatedAt = now;
        write.EndedAt = state.HasEnded ? state.EndedAt ?? now : null;
        (write.Owner, write.Token, write.WakeAt) = (run.IsLeased ? node.Id : null, run.Token, state.Status == RunStatus.Paused ? null : waits ? state.WakeAt : isToBeTaken ? now : null);
        write.Recoveries = run.Recoveries;
        (write.JournalLength, write.JournalHash) = (run.JournalLength, run.JournalHash);
        write.Entries.Clear();
        write.Entries.AddRange(run.Unwritten);
        run.Unwritten.Clear();
        write.BankNote = state.HasEnded ? messages.BankNote(run) : null;
        write.Messages.Clear();
        write.Messages.AddRange(run.Untold);
        run.Untold.Clear();
    }
}

/// <summary>Somebody else has the run: what this node did since its last checkpoint counts as not done.</summary>
internal sealed class LeaseLostException(Id<Workflow> run) : Exception($"The run {run} has another owner now.");
