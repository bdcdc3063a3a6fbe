using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.Simulation.Tests.Scheduling;

namespace Dox.Simulation.Tests.Storage;

/// <summary>
/// A node's way to the database. A call is sent, done there in one go, and answered, each after a while; the node may be gone or asleep at any
/// of these moments, and what it sent is done all the same.
/// </summary>
internal sealed class SimulatedStore(Database database, Actor actor, Actor server, string node, Faults faults) : IRunStore
{
    /// <summary>Whether the node can't reach the database now.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Called when its node dies by plan.</summary>
    public Action Died { get; set; } = () => { };

    public int WritesAtOnce => 2;

    public Task<IReadOnlyList<RunWriteResult>> WriteAsync(IReadOnlyList<RunWrite> batch, CancellationToken cancellationToken)
    {
        Kept[] kept = [.. batch.Select(w => Kept.Of(actor, w))];
        return actor.World.Mutation == Mutation.AnsweredEarly && faults.AreOn ? AnswerEarlyAsync(kept) : WriteAsync(kept, cancellationToken);
    }

    public Task<IReadOnlyList<OpenRun>> ClaimAsync(RunClaim claim, CancellationToken cancellationToken) =>
        CallAsync("claim", () => database.Claim(claim), cancellationToken, () => claim.GetType().Name);

    public Task ReleaseAsync(string owner, IReadOnlyList<RunRelease> releases, CancellationToken cancellationToken)
    {
        RunRelease[] kept = [.. releases];
        return CallAsync(
            "release",
            () =>
            {
                database.Release(owner, kept);
                return true;
            },
            cancellationToken,
            () => string.Join(", ", kept.Select(r => r.Run)));
    }

    public Task<IReadOnlyList<string>> OwnersAsync(CancellationToken cancellationToken) => CallAsync("owners", database.Owners, cancellationToken);

    public Task<IReadOnlyDictionary<Id<Workflow>, RunIntent>> IntentsAsync(string owner, CancellationToken cancellationToken) =>
        CallAsync("intents", () => database.Intents(owner), cancellationToken);

    public Task<IntentOutcome> SetIntentAsync(Id<Workflow> run, RunIntent? intent, AuditRecord? audit, CancellationToken cancellationToken) =>
        CallAsync("set intent", () => database.SetIntent(run, intent, audit), cancellationToken);

    public Task<RunRow?> FindAsync(Id<Workflow> run, CancellationToken cancellationToken) => CallAsync("find", () => database.Find(run), cancellationToken);

    /// <summary>Saves an answer, as the module does with the message that brought it. False: somebody was first.</summary>
    public Task<bool> AnswerAsync(RunWrite write)
    {
        var kept = Kept.Of(actor, write);
        return CallAsync("answer", () => database.Answer(kept), CancellationToken.None, () => Told(kept));
    }

    /// <summary>Uses a key up; false: it is used.</summary>
    public Task<bool> UseKeyAsync(string account, string key, Id<Workflow> by) => CallAsync("use key", () => database.UseKey(account, key, by), CancellationToken.None);

    /// <summary>The run that a key started.</summary>
    public Task<Id<Workflow>?> StartedWithAsync(string account, string key) => CallAsync("start key", () => database.StartedWith(account, key), CancellationToken.None);

    /// <summary>Asks the database who of the nodes is gone.</summary>
    public Task<IReadOnlyList<string>> DeadAmongAsync(IReadOnlyList<string> nodes, CancellationToken cancellationToken) =>
        CallAsync("sessions", () => database.DeadAmong([.. nodes.Where(n => n != node)]), cancellationToken);

    private async Task<IReadOnlyList<RunWriteResult>> WriteAsync(Kept[] batch, CancellationToken cancellationToken)
    {
        var results = await CallAsync("write", () => database.Write(node, batch), cancellationToken, () => string.Join(", ", batch.Select(Told)));
        for (var i = 0; i < batch.Length; i++)
        {
            actor.World.Trace.Write(actor.World, node, $"heard {results[i].Outcome} of {Told(batch[i])}");
            database.Heard(batch[i], results[i]);
        }

        return results;
    }

    private Task<IReadOnlyList<RunWriteResult>> AnswerEarlyAsync(Kept[] batch)
    {
        _ = CallAsync("write", () => database.Write(node, batch), CancellationToken.None);
        IReadOnlyList<RunWriteResult> results = [.. batch.Select(_ => new RunWriteResult(RunWriteOutcome.Written))];
        for (var i = 0; i < batch.Length; i++) database.Heard(batch[i], results[i]);
        return Task.FromResult(results);
    }

    private async Task<T> CallAsync<T>(string what, Func<T> call, CancellationToken cancellationToken, Func<string>? of = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var world = actor.World;
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (world.Crash?.IsNow() == true)
        {
            world.Trace.Write(world, node, $"{what} {of?.Invoke()}: dies {(world.Crash.IsDone ? "once it is sent" : "before it is sent")}");
            if (world.Crash.IsDone) world.After(faults.Latency(), server, () => call());
            Died();
            return await answer.Task;
        }

        var fate = faults.Throw(IsCutOff);
        if (fate == Fate.Killed) fate = faults.IsDoneFirst() ? Fate.DoneAndReportedLost : Fate.Lost;
        world.Trace.Write(world, node, $"{what} {of?.Invoke()}{(fate == Fate.Done ? "" : $" ({fate})")}");
        switch (fate)
        {
            case Fate.Done:
                world.After(faults.Latency(), server, () => Answer(call, answer));
                break;
            case Fate.DoneAndReportedLost:
                // Before the caller gives up, or after: a packet may be on its way for long
                var patience = faults.Patience();
                world.After(faults.IsDoneFirst() ? faults.Latency() : patience + faults.Latency(), server, () => call());
                world.After(patience, actor, () => answer.TrySetException(new TimeoutException("The database didn't answer in time.")));
                break;
            case Fate.RolledBack:
                world.After(faults.Latency(), actor, () => answer.TrySetException(new SimulatedDbException("could not serialize access due to concurrent update")));
                break;
            default:
                world.After(faults.Patience(), actor, () => answer.TrySetException(new SimulatedDbException("terminating connection due to administrator command")));
                break;
        }

        await using var _ = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        return await answer.Task;
    }

    private void Answer<T>(Func<T> call, TaskCompletionSource<T> answer)
    {
        var result = call();
        actor.World.After(faults.Latency(), actor, () => answer.TrySetResult(result));
    }

    private static string Told(Kept write) =>
        $"{write.Run.Id.ToString()[^4..]} {write.Kind} {write.Status} at {write.CurrentStep}, token {write.Expected.Token}, {write.Expected.JournalLength}+{write.Entries.Count}";
}
