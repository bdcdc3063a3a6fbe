using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Infrastructure.Audit;

namespace Dox.Orchestration.Engine;

/// <summary>Begins runs that come without a document: written down first, then run from memory by this node.</summary>
internal sealed class RunStarts(RunCheckpoints checkpoints, RunEngine engine, EngineSignal signal, RunMetrics metrics, TimeProvider clock)
{
    /// <summary>Returns once the run is durable; the engine goes on with it. Once for each key.</summary>
    /// <returns>False: a run with one of the keys, or with this id, was there first; nothing was written.</returns>
    public async ValueTask<bool> TryStartAsync(HeldRun run, StartKeys? keys = null, AuditRecord? audit = null)
    {
        var result = await checkpoints.StartAsync(run, keys: keys?.Of(run.Id, clock.GetUtcNow()), audit: audit);
        if (result.Outcome == RunWriteOutcome.Conflict) return false;
        GoOn(run);
        return true;
    }

    /// <summary>Hands a new run that is durable to the engine; one that waits for room, whoever has some takes.</summary>
    public void GoOn(HeldRun run)
    {
        metrics.Started(run);
        if (run.State.HasEnded) return;
        if (run.IsLeased) engine.Take(run);
        else signal.Raise();
    }
}
