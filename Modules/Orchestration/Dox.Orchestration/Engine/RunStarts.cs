using Dox.Orchestration.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Engine;

/// <summary>Begins runs that come without a document: written down first, then run from memory by this node.</summary>
internal sealed class RunStarts(IServiceScopeFactory scopes, RunStore store, RunEngine engine, RunMetrics metrics)
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

        metrics.Started(run);
        engine.Take(run);
    }
}
