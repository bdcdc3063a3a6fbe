using Dox.Orchestration.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Engine;

/// <summary>Begins runs that come without a document: written down first, then run from memory by this node.</summary>
internal sealed class RunStarts(IServiceScopeFactory scopes, RunStore store, RunEngine engine, RunMetrics metrics, TimeProvider clock)
{
    /// <summary>Returns once the run is durable; the engine goes on with it.</summary>
    public async Task StartAsync(HeldRun run, CancellationToken cancellationToken)
    {
        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
            store.Add(db, run, attempt: null);
            await db.SaveChangesAsync(cancellationToken);
        }

        Begin(run);
    }

    /// <summary>The same, once for each key.</summary>
    /// <returns>False: a run with one of the keys, or with this id, was there first; nothing was written.</returns>
    public async Task<bool> TryStartAsync(HeldRun run, StartKeys keys)
    {
        // A starter that hangs up between the commit and the hand-over to the engine would leave a run that nobody works on.
        if (!keys.Any)
        {
            await StartAsync(run, CancellationToken.None);
            return true;
        }

        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
            keys.Add(db, run.Id, clock.GetUtcNow());
            store.Add(db, run, attempt: null);
            try
            {
                await db.SaveChangesAsync(CancellationToken.None);
            }
            catch (DbUpdateException)
            {
                db.ChangeTracker.Clear();
                if (await keys.FindAsync(db, CancellationToken.None) is null && await db.FindRunAsync(run.Id, CancellationToken.None) is null) throw;
                return false;
            }
        }

        Begin(run);
        return true;
    }

    private void Begin(HeldRun run)
    {
        metrics.Started(run);
        engine.Take(run);
    }
}
