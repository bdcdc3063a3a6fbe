using Dox.Orchestration.Data;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Engine;

/// <summary>Writes runs down. Every write of a held run carries its token: whoever lost the lease changes nothing.</summary>
internal sealed class RunStore(IServiceScopeFactory scopes, RunMessages messages, INode node, IOptions<EngineOptions> options, TimeProvider clock)
{
    /// <summary>Adds a new run, as it stands after <paramref name="attempt"/>, to what the caller is about to save.</summary>
    public void Add(OrchestrationDbContext db, HeldRun run, StepAttempt? attempt)
    {
        var now = clock.GetUtcNow();
        if (attempt is not null) Append(db, run, attempt);
        if (run.State.HasEnded) db.EndedRuns.Add(Ended(run, now));
        else db.OpenRuns.Add(Open(run, now));
        messages.Enqueue(db, run, attempt);
    }

    /// <summary>Keeps the run's state after an attempt, with its line of the journal and what it has to tell, in one transaction.</summary>
    /// <exception cref="LeaseLostException">The run has another owner now.</exception>
    public async Task CheckpointAsync(HeldRun run, StepAttempt attempt, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        var length = run.JournalLength;
        Append(db, run, attempt);
        // It got further: whatever killed its nodes before wasn't this step.
        if (!run.State.HasEnded) run.Recoveries = 0;
        if (await WriteRowAsync(db, run, length, cancellationToken) == 0) throw new LeaseLostException(run.Id);

        messages.Enqueue(db, run, attempt);
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Changes a tracked row, whose run waited, to how it stands after its answer: due at once, or at its end. The row's token, checked by the
    /// database, keeps two answers from both being taken.
    /// </summary>
    public void Answered(OrchestrationDbContext db, OpenRun row, HeldRun run, StepAttempt attempt)
    {
        var now = clock.GetUtcNow();
        Append(db, run, attempt);
        if (run.State.HasEnded)
        {
            db.EndedRuns.Add(Ended(run, now));
            db.OpenRuns.Remove(row);
        }
        else
        {
            var next = Open(run, now);
            (row.Status, row.CurrentStep, row.State, row.Error, row.UpdatedAt) = (next.Status, next.CurrentStep, next.State, next.Error, now);
            (row.JournalLength, row.JournalHash) = (next.JournalLength, next.JournalHash);
            (row.Owner, row.Token, row.WakeAt) = (null, row.Token + 1, run.State.IsWaiting ? run.State.WakeAt : run.State.WakeAt ?? now);
        }

        messages.Enqueue(db, run, attempt);
    }

    /// <summary>Gives the lease back, so that somebody goes on from the last checkpoint, not before <paramref name="after"/>.</summary>
    public async Task ReleaseAsync(HeldRun run, TimeSpan after, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var (me, token, due) = (node.Id, run.Token, clock.GetUtcNow() + after);
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.OpenRuns.Where(r => r.Id == run.Id && r.Owner == me && r.Token == token)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.Owner, (string?)null).SetProperty(r => r.WakeAt, due), cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    private async Task<int> WriteRowAsync(OrchestrationDbContext db, HeldRun run, int journalLength, CancellationToken cancellationToken)
    {
        var (me, token, now) = (node.Id, run.Token, clock.GetUtcNow());
        // The journal's length guards against a second write of the same checkpoint, when the first was reported lost and wasn't.
        var mine = db.OpenRuns.Where(r => r.Id == run.Id && r.Owner == me && r.Token == token && r.JournalLength == journalLength);
        if (run.State.HasEnded)
        {
            db.EndedRuns.Add(Ended(run, now));
            return await mine.ExecuteDeleteAsync(cancellationToken);
        }

        var row = Open(run, now);
        return await mine.ExecuteUpdateAsync(
            s => s.SetProperty(r => r.Status, row.Status).SetProperty(r => r.CurrentStep, row.CurrentStep).SetProperty(r => r.State, row.State)
                .SetProperty(r => r.Error, row.Error).SetProperty(r => r.UpdatedAt, now).SetProperty(r => r.Owner, row.Owner)
                .SetProperty(r => r.WakeAt, row.WakeAt).SetProperty(r => r.JournalLength, row.JournalLength).SetProperty(r => r.JournalHash, row.JournalHash)
                .SetProperty(r => r.Recoveries, row.Recoveries),
            cancellationToken);
    }

    private static void Append(OrchestrationDbContext db, HeldRun run, StepAttempt attempt)
    {
        var entry = JournalEntry.Following(run.JournalHash, run.JournalLength + 1, run.Id, Bucket.Of(run.Account), attempt, run.State.Status);
        db.Journal.Add(entry);
        (run.JournalLength, run.JournalHash) = (entry.Sequence, entry.Hash);
    }

    private OpenRun Open(HeldRun run, DateTimeOffset now)
    {
        // Who waits for a person, an event or a far timer holds no lease: nobody has to be alive for it. A short wait is sat out with the lease
        // held, or another worker would take the run meanwhile.
        var waits = run.State.IsWaiting && !(run.State.WakeAt - now <= options.Value.LongestPause);
        run.IsLeased = !waits;
        return new()
        {
            Id = run.Id,
            Bucket = Bucket.Of(run.Account),
            Account = run.Account,
            User = run.User,
            RuleName = run.Rule.Name,
            RuleVersion = run.Rule.Version,
            RuleHash = run.Rule.Hash,
            Service = run.Rule.Service,
            Priority = (int)run.Rule.Priority,
            DocumentId = run.DocumentId,
            TraceParent = run.TraceParent,
            StartedAt = run.State.StartedAt,
            UpdatedAt = now,
            Status = run.State.Status,
            CurrentStep = run.State.Cursor,
            State = RunStateJson.WriteText(run.State),
            Error = RunRow.Shorten(run.State.Error?.Message),
            JournalLength = run.JournalLength,
            JournalHash = run.JournalHash,
            Recoveries = run.Recoveries,
            Owner = waits ? null : node.Id,
            Token = run.Token,
            WakeAt = waits ? run.State.WakeAt : null,
        };
    }

    private static EndedRun Ended(HeldRun run, DateTimeOffset now) => new()
    {
        Id = run.Id,
        Bucket = Bucket.Of(run.Account),
        Account = run.Account,
        User = run.User,
        RuleName = run.Rule.Name,
        RuleVersion = run.Rule.Version,
        RuleHash = run.Rule.Hash,
        Service = run.Rule.Service,
        Priority = (int)run.Rule.Priority,
        DocumentId = run.DocumentId,
        TraceParent = run.TraceParent,
        StartedAt = run.State.StartedAt,
        UpdatedAt = now,
        EndedAt = run.State.EndedAt ?? now,
        Status = run.State.Status,
        CurrentStep = run.State.Cursor,
        State = RunStateJson.WriteText(run.State),
        Error = RunRow.Shorten(run.State.Error?.Message),
        JournalLength = run.JournalLength,
        JournalHash = run.JournalHash,
        Recoveries = run.Recoveries,
    };
}

/// <summary>Somebody else has the run: what this node did since its last checkpoint counts as not done.</summary>
internal sealed class LeaseLostException(Dox.SharedKernel.Ids.Id<Dox.SharedKernel.Ids.Workflow> run) : Exception($"The run {run} has another owner now.");
