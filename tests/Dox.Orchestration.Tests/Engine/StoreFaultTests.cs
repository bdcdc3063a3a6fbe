using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>A checkpoint that isn't written, and one that is written but reported as a time-out, at every place: the end is the same.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class StoreFaultTests(DatabaseProvider database)
{
    [TestCase("straight", RunStatus.Success)]
    [TestCase("flaky", RunStatus.Success)]
    [TestCase("undo", RunStatus.Failed)]
    public async Task Every_checkpoint_may_fail_in_either_way(string rule, RunStatus expected)
    {
        var faults = new Faults();
        await using var host = await EngineHost.StartAsync(database, services: services => services.Decorate<IRunStore>(store => new FaultyStore(store, faults)));
        var whole = await RunAsync(host, rule, expected);
        Assert.That(whole, Has.Count.GreaterThan(2));
        foreach (var written in new[] { false, true })
        {
            for (var at = 0; at < whole.Count; at++)
            {
                faults.Arm(at, written);
                Assert.That(await RunAsync(host, rule, expected), Is.EqualTo(whole), $"checkpoint {at}, {(written ? "written, reported lost" : "not written")}");
                Assert.That(faults.Happened, Is.True);
            }
        }
    }

    private static async Task<IReadOnlyList<string>> RunAsync(EngineHost host, string rule, RunStatus expected)
    {
        var id = await host.StartRunAsync(rule);
        var row = await host.WhenEndedAsync(id);
        var journal = await host.JournalAsync(id);
        Assert.That((row.Status, JournalEntry.IsChained(journal), row.JournalLength), Is.EqualTo((expected, true, journal.Count)));
        return await host.PathAsync(id);
    }

    private sealed class Faults
    {
        private int _left = -1;

        public bool Written { get; private set; }

        public bool Happened { get; private set; }

        public void Arm(int at, bool written) => (Written, Happened, _left) = (written, false, at);

        public void MayFail(IReadOnlyList<RunWrite> batch, bool written)
        {
            if (written != Written || batch.All(w => w.Entries.Count == 0) || Interlocked.Decrement(ref _left) != -1) return;
            Happened = true;
            throw new TimeoutException("The database didn't answer in time.");
        }
    }

    private sealed class FaultyStore(IRunStore store, Faults faults) : IRunStore
    {
        public int WritesAtOnce => store.WritesAtOnce;

        public async Task<IReadOnlyList<RunWriteResult>> WriteAsync(IReadOnlyList<RunWrite> batch, CancellationToken cancellationToken)
        {
            faults.MayFail(batch, written: false);
            var results = await store.WriteAsync(batch, cancellationToken);
            faults.MayFail(batch, written: true);
            return results;
        }

        public Task<IReadOnlyList<OpenRun>> ClaimAsync(RunClaim claim, CancellationToken cancellationToken) => store.ClaimAsync(claim, cancellationToken);

        public Task ReleaseAsync(string owner, IReadOnlyList<RunRelease> releases, CancellationToken cancellationToken) => store.ReleaseAsync(owner, releases, cancellationToken);

        public Task<IReadOnlyList<string>> OwnersAsync(CancellationToken cancellationToken) => store.OwnersAsync(cancellationToken);

        public Task<IReadOnlyDictionary<Id<Workflow>, RunIntent>> IntentsAsync(string owner, CancellationToken cancellationToken) => store.IntentsAsync(owner, cancellationToken);

        public Task<IntentOutcome> SetIntentAsync(Id<Workflow> run, RunIntent? intent, AuditRecord? audit, CancellationToken cancellationToken) =>
            store.SetIntentAsync(run, intent, audit, cancellationToken);

        public Task<RunRow?> FindAsync(Id<Workflow> run, CancellationToken cancellationToken) => store.FindAsync(run, cancellationToken);
    }
}
