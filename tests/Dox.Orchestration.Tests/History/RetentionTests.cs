using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Documents;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.History;
using Dox.Orchestration.Tests.Engine;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Orchestration.Tests.History;

/// <summary>What ended long ago goes, with its journal; what is open or under legal hold stays; and a check tells what went from what is missing.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class RetentionTests(DatabaseProvider database)
{
    private FakeTimeProvider _clock = null!;
    private EngineHost _host = null!;
    private Id<Workflow> _old;
    private Id<Workflow> _held;
    private Id<Workflow> _open;
    private Id<Workflow> _recent;

    private HistoryRetention Retention => _host.Host.Services.GetRequiredService<HistoryRetention>();

    [SetUp]
    public async Task Start()
    {
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _host = await EngineHost.StartAsync(database, clock: _clock);
        _old = await EndAsync();
        _held = await EndAsync();
        await AddDocumentAsync(_held);
        _open = await _host.StartRunAsync("ask");
        await _host.WhenAsync(_open, row => row.Status == RunStatus.WaitingForHuman);
        _clock.Advance(TimeSpan.FromDays(100));
        await CreateAheadAsync();
        _recent = await EndAsync();
        await AddDocumentAsync(_recent);
    }

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Old_runs_go_with_their_journals_and_what_is_open_or_held_stays()
    {
        await HoldAsync(_held, held: true);
        var due = await DueAsync();
        Assert.That(due.Select(d => ((long)d!["runs"]!, (long)d["kept"]!)).Where(d => d != (0, 0)), Is.EqualTo(new[] { (1L, 1L) }), due.ToJsonString());
        var (held, open) = (await _host.JournalAsync(_held), await _host.JournalAsync(_open));

        await ApplyAsync();

        Assert.That(await _host.JournalAsync(_old), Is.Empty);
        Assert.That(await LeftAsync(), Is.EquivalentTo(new[] { _held, _open, _recent }));
        Assert.That((await _host.JournalAsync(_held)).Select(e => e.Hash), Is.EqualTo(held.Select(e => e.Hash)));
        Assert.That((await _host.JournalAsync(_open)).Select(e => e.Hash), Is.EqualTo(open.Select(e => e.Hash)));
        Assert.That(await _host.JournalAsync(_recent), Has.Count.EqualTo(3));

        await HoldAsync(_held, held: false);
        await ApplyAsync();
        Assert.That(await LeftAsync(), Is.EquivalentTo(new[] { _open, _recent }));
        Assert.That(await _host.JournalAsync(_held), Is.Empty);

        Assert.That(await BrokenAsync(), Is.Empty);
        Assert.That((await CheckAsync()).Select(f => f.Note).OfType<string>(), Has.Some.Contains("1 runs with 3 journal entries; 1 kept"));
        var document = await DocumentAsync(_held);
        var status = await _host.Host.Client.GetFromJsonAsync<JsonNode>($"/api/v1/documents/{document}/status");
        Assert.That(((string?)status!["status"], (bool?)status["at_rest"]), Is.EqualTo(("expired", (bool?)true)));
    }

    [Test]
    public async Task A_run_that_began_long_ago_and_ended_lately_stays()
    {
        await _host.Host.InDb<OrchestrationDbContext>(db => db.EndedRuns.Where(r => r.Id == _old).ExecuteUpdateAsync(s => s.SetProperty(r => r.EndedAt, _clock.GetUtcNow())));
        await ApplyAsync();
        Assert.That(await LeftAsync(), Is.EquivalentTo(new[] { _old, _open, _recent }));
        Assert.That(JournalEntry.IsChained(await _host.JournalAsync(_old)), Is.True);
    }

    [Test]
    public async Task A_run_that_is_gone_and_that_retention_did_not_take_is_found()
    {
        await ApplyAsync();
        Assert.That(await BrokenAsync(), Is.Empty);
        await _host.Host.InDb<OrchestrationDbContext>(async db =>
        {
            await db.Journal.Where(e => e.WorkflowId == _recent).ExecuteDeleteAsync();
            await db.EndedRuns.Where(r => r.Id == _recent).ExecuteDeleteAsync();
        });
        Assert.That(await BrokenAsync(), Is.EqualTo(new[] { _recent.ToString() }));
    }

    [Test]
    public async Task A_partition_that_is_gone_and_that_retention_did_not_drop_is_found()
    {
        if (_host.Host.Services.GetService<HistoryPartitions>() is not { } partitions) return;
        var ranges = await partitions.ReadAsync(CancellationToken.None);
        var empty = ranges[2];
#pragma warning disable EF1002 // The names are the partition's own
        await _host.Host.InDb<OrchestrationDbContext>(db => db.Database.ExecuteSqlRawAsync($"DROP TABLE {empty.RunsTable}; DROP TABLE {empty.EntriesTable}"));
#pragma warning restore EF1002
        Assert.That(await BrokenAsync(), Is.EqualTo(new[] { Partition.Runs, Partition.Entries }));
    }

    private async Task<Id<Workflow>> EndAsync()
    {
        var run = await _host.StartRunAsync("straight");
        await _host.WhenEndedAsync(run);
        return run;
    }

    private async Task AddDocumentAsync(Id<Workflow> run)
    {
        var id = Id<Document>.New(_clock);
        await _host.Host.InDb<OrchestrationDbContext>(async db =>
        {
            db.Documents.Add(new DocumentRecord
            {
                Id = id,
                Bucket = Bucket.Of("acc"),
                Account = "acc",
                SubmittedBy = "anna",
                FileName = "a.pdf",
                MediaType = "application/pdf",
                Sha256 = run.Value.ToString("N"),
                Length = 1,
                Metadata = "{}",
                Validation = "{}",
                WorkflowId = run,
                Created = _clock.GetUtcNow(),
            });
            await db.SaveChangesAsync();
            await db.EndedRuns.Where(r => r.Id == run).ExecuteUpdateAsync(s => s.SetProperty(r => r.DocumentId, id));
        });
    }

    private async Task HoldAsync(Id<Workflow> run, bool held)
    {
        var document = await DocumentAsync(run);
        using var response = held
            ? await _host.Host.Client.PutAsJsonAsync($"/api/v1/documents/{document}/hold", new { reason = "A court asks for it." })
            : await _host.Host.Client.DeleteAsync($"/api/v1/documents/{document}/hold?reason=The court has it.");
        Assert.That(response.IsSuccessStatusCode, Is.True, await response.Content.ReadAsStringAsync());
    }

    private Task<Id<Document>> DocumentAsync(Id<Workflow> run) =>
        _host.Host.InDb<OrchestrationDbContext, Id<Document>>(db => db.Documents.Where(d => d.WorkflowId == run).Select(d => d.Id).SingleAsync());

    // The clock wakes the host's own keeper too, which may be at it.
    private async Task CreateAheadAsync()
    {
        if (_host.Host.Services.GetService<HistoryPartitions>() is not { } partitions) return;
        while (!await partitions.CreateAheadAsync(CancellationToken.None)) await Task.Yield();
    }

    private async Task<JsonArray> DueAsync() => (await _host.Host.Client.GetFromJsonAsync<JsonNode>("/api/v1/retention?days=30"))!["due"]!.AsArray();

    private Task ApplyAsync() => Retention.ApplyAsync(Retention.EndedBefore(30)!.Value, CancellationToken.None);

    private Task<List<Id<Workflow>>> LeftAsync() => _host.Host.InDb<OrchestrationDbContext, List<Id<Workflow>>>(async db =>
        [.. await db.EndedRuns.Where(r => r.Service == "Tests").Select(r => r.Id).ToListAsync(), .. await db.OpenRuns.Where(r => r.Service == "Tests").Select(r => r.Id).ToListAsync()]);

    private async Task<List<string>> BrokenAsync() => [.. (await CheckAsync()).Where(f => f.Problem is not null).Select(f => f.Chain)];

    private async Task<List<ChainFinding>> CheckAsync()
    {
        var findings = new List<ChainFinding>();
        foreach (var check in _host.Host.Services.GetServices<IChainCheck>())
            await foreach (var finding in check.CheckAsync(CancellationToken.None)) findings.Add(finding);
        return findings;
    }
}
