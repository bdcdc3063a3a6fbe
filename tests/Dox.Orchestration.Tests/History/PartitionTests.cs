using Dox.Orchestration.Data;
using Dox.Orchestration.History;
using Dox.Orchestration.Tests.Engine;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Dox.Orchestration.Tests.History;

/// <summary>History's ranges on PostgreSQL: there before they are needed, and nothing is lost where they aren't.</summary>
public sealed class PartitionTests
{
    private FakeTimeProvider _clock = null!;
    private EngineHost _host = null!;

    private HistoryPartitions Partitions => _host.Host.Services.GetRequiredService<HistoryPartitions>();

    [SetUp]
    public async Task Start()
    {
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _host = await EngineHost.StartAsync(DatabaseProvider.PostgreSql, clock: _clock);
    }

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task There_is_a_range_for_now_and_for_a_while_ahead_and_a_run_is_looked_for_in_its_own_alone()
    {
        var run = await EndAsync();
        Assert.That(await WhereAsync(), Has.Length.EqualTo(1).And.All.Not.EndsWith("_rest").And.All.Not.EndsWith("_past"));
        Assert.That((await Partitions.ReadAsync(CancellationToken.None))[^1].Ended, Is.GreaterThanOrEqualTo(_clock.GetUtcNow() + TimeSpan.FromDays(30)));

        var plan = new List<string>();
        await using var command = _host.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            $"EXPLAIN SELECT * FROM orchestration.ended_runs r JOIN orchestration.journal j ON j.workflow_id = r.id WHERE r.id = '{run.Value}'");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) plan.Add(reader.GetString(0));
        Assert.That(string.Join('\n', plan), Does.Not.Contain("_past").And.Not.Contain("_rest").And.Not.Contain("Append"));
    }

    [Test]
    public async Task A_run_of_a_time_that_has_no_range_is_kept_and_gets_one()
    {
        var (run, later) = (await EndAsync(), new Id<Workflow>(Guid.CreateVersion7(_clock.GetUtcNow() + TimeSpan.FromDays(100))));
        await _host.Host.InDb<OrchestrationDbContext>(db =>
            db.Database.ExecuteSqlAsync($"UPDATE orchestration.ended_runs SET id = {later.Value} WHERE id = {run.Value}; UPDATE orchestration.journal SET workflow_id = {later.Value} WHERE workflow_id = {run.Value}"));
        Assert.That(await WhereAsync(), Is.EqualTo(new[] { "ended_runs_rest" }));
        _clock.Advance(TimeSpan.FromDays(100));
        await CreateAheadAsync();

        Assert.That(await WhereAsync(), Has.Length.EqualTo(1).And.All.Not.EndsWith("_rest"));
        Assert.That(await _host.JournalAsync(later), Has.Count.EqualTo(3));
        var ranges = await Partitions.ReadAsync(CancellationToken.None);
        Assert.That(ranges.Zip(ranges.Skip(1)).All(pair => pair.First.To == pair.Second.From), Is.True);
    }

    [Test]
    public async Task What_was_there_before_is_carried_over_and_back()
    {
        var run = await EndAsync();
        var before = await _host.JournalAsync(run);
        await _host.Host.InDb<OrchestrationDbContext>(async db =>
        {
            var applied = (await db.Database.GetAppliedMigrationsAsync()).ToList();
            await db.GetService<IMigrator>().MigrateAsync(applied[applied.FindIndex(m => m.EndsWith("HistoryByTime", StringComparison.Ordinal)) - 1]);
            Assert.That(await db.Database.SqlQuery<long>($"SELECT count(*) AS \"Value\" FROM orchestration.journal").SingleAsync(), Is.EqualTo(before.Count));
            await db.Database.MigrateAsync();
        });
        NpgsqlConnection.ClearAllPools();
        Assert.That((await _host.JournalAsync(run)).Select(e => e.Hash), Is.EqualTo(before.Select(e => e.Hash)));
        Assert.That(await WhereAsync(), Is.EqualTo(new[] { "ended_runs_before" }));
        await CreateAheadAsync();
        Assert.That((await Partitions.ReadAsync(CancellationToken.None)).Select(p => p.Name), Has.Some.EqualTo("before").And.Some.StartsWith("p20"));
    }

    // The clock wakes the host's own keeper too, which may be at it.
    private async Task CreateAheadAsync()
    {
        while (!await Partitions.CreateAheadAsync(CancellationToken.None)) await Task.Yield();
    }

    private async Task<Id<Workflow>> EndAsync()
    {
        var run = await _host.StartRunAsync("straight");
        await _host.WhenEndedAsync(run);
        return run;
    }

    private Task<string[]> WhereAsync() => _host.Host.InDb<OrchestrationDbContext, string[]>(db =>
        db.Database.SqlQuery<string>($"SELECT DISTINCT c.relname::text AS \"Value\" FROM orchestration.ended_runs r JOIN pg_class c ON c.oid = r.tableoid").ToArrayAsync());
}
