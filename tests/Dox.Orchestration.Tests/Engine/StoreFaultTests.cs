using System.Data.Common;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore.Diagnostics;
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
        var faults = new CheckpointFaults();
        await using var host = await EngineHost.StartAsync(database, services: services =>
        {
            services.ConfigureDbContext<OrchestrationDbContext>(options => options.AddInterceptors(faults));
            services.ConfigureDbContext<SqliteOrchestrationDbContext>(options => options.AddInterceptors(faults));
        });
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
        Assert.That((row.Status, EngineHost.IsChained(journal), row.JournalLength), Is.EqualTo((expected, true, journal.Count)));
        return await host.PathAsync(id);
    }

    private sealed class CheckpointFaults : DbTransactionInterceptor
    {
        private int _left = -1;
        private bool _written;

        public bool Happened { get; private set; }

        public void Arm(int at, bool written) => (_written, Happened, _left) = (written, false, at);

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            if (!_written) Fail(eventData);
            return ValueTask.FromResult(result);
        }

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (_written) Fail(eventData);
            return Task.CompletedTask;
        }

        // Checkpoints alone: a relay's commits have their own tests
        private void Fail(DbContextEventData eventData)
        {
            if (eventData.Context?.ChangeTracker.Entries<JournalEntry>().Any() != true || Interlocked.Decrement(ref _left) != -1) return;
            Happened = true;
            throw new TimeoutException("The database didn't answer in time.");
        }
    }
}
