using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TeamCoordination.Blockers;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.TeamCoordination.Tests.MemoryBanks;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
internal sealed class MemoryBankTests(DatabaseProvider provider)
{
    private const string Supervisor = "SUPERVISOR.json";
    private TeamsHost _host = null!;
    private BankWriter _writer = null!;

    private string BankFile => Path.Combine(_host.BankPath, Supervisor);

    [SetUp]
    public async Task StartAsync()
    {
        _host = await TeamsHost.StartAsync(provider, writesBanks: false, ("Dox:MemoryBanks:KeepExecutions", "10"));
        _writer = _host.Services.GetRequiredService<BankWriter>();
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Many_updates_are_one_write_and_keep_what_others_wrote()
    {
        await File.WriteAllTextAsync(BankFile, """{"total":5,"theirs":{"deep":[1,2.50]}}""");
        for (var i = 0; i < 20; i++) await UpdateAsync(Supervisor, """{"total":"+1","by":{"upload":"+2"}}""");
        await WriteAsync();
        var bank = Read();
        Assert.That(((int)bank["total"]!, (int)bank["by"]!["upload"]!, bank["theirs"]!.ToJsonString()), Is.EqualTo((25, 40, """{"deep":[1,2.50]}""")));
        Assert.That((await StateAsync()).Applied, Is.EqualTo(1), "one batch, one write");
    }

    [Test]
    public async Task A_bank_without_news_is_left_alone()
    {
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        await WriteAsync();
        var written = File.GetLastWriteTimeUtc(BankFile);
        File.SetLastWriteTimeUtc(BankFile, written.AddMinutes(-1));
        await WriteAsync();
        Assert.That(File.GetLastWriteTimeUtc(BankFile), Is.EqualTo(written.AddMinutes(-1)));
    }

    [Test]
    public async Task A_crash_after_the_rename_and_before_the_mark_counts_nothing_twice()
    {
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        await using (var scope = _host.Services.CreateAsyncScope())
        {
            using var edit = await _writer.PrepareAsync(Supervisor, scope, CancellationToken.None);
            Assert.That(edit!.Replace(), Is.True);
        }

        Assert.That((await StateAsync()).Applied, Is.EqualTo(0), "the database doesn't know of the write");
        await Restarted().WriteAsync(Supervisor, CancellationToken.None);
        Assert.That((int)Read()["n"]!, Is.EqualTo(1));
        Assert.That((await StateAsync()).Applied, Is.EqualTo(1));
    }

    [Test]
    public async Task A_broken_bank_is_set_aside_reported_and_rebuilt()
    {
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        await WriteAsync();
        await File.WriteAllTextAsync(BankFile, Read().ToJsonString().Replace("{\"n\"", "{\"theirs\":1,\"n\"", StringComparison.Ordinal));
        await WriteAsync();
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        await WriteAsync();
        await File.WriteAllTextAsync(BankFile, "{\"n\": 2, \"the");
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        await WriteAsync();

        Assert.That(((int)Read()["n"]!, (int)Read()["theirs"]!), Is.EqualTo((3, 1)));
        var aside = Directory.GetFiles(_host.BankPath, "SUPERVISOR.json.broken-*").Single();
        Assert.That((Path.GetFileName(aside), await File.ReadAllTextAsync(aside)), Is.EqualTo(("SUPERVISOR.json.broken-20260302T090000000Z", "{\"n\": 2, \"the")));
        var blocker = (await _host.SendAsync(new ListBlockers.Query(null, "open", null, null))).Blockers.Single();
        Assert.That((blocker.Title, blocker.Severity), Is.EqualTo(("The memory bank SUPERVISOR.json was broken", BlockerSeverity.High)));
        Assert.That(await _writer.WriteAsync(BankName.BlockingIssues, CancellationToken.None), Is.True);
        Assert.That(Read(BankName.BlockingIssues)["blocking_issues"]!.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_bank_that_was_deleted_comes_back_whole()
    {
        await UpdateAsync(Supervisor, """{"n":"+3"}""");
        await WriteAsync();
        File.Delete(BankFile);
        await WriteAsync();
        Assert.That((int)Read()["n"]!, Is.EqualTo(3));
    }

    [Test]
    public async Task Ours_is_added_again_to_an_older_file_that_somebody_put_over_it()
    {
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        await WriteAsync();
        var older = Read();
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        _host.Clock.Advance(TimeSpan.FromSeconds(11));
        await WriteAsync();
        older["theirs"] = true;
        await File.WriteAllTextAsync(BankFile, older.ToJsonString());
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        await WriteAsync();
        Assert.That(((int)Read()["n"]!, (bool)Read()["theirs"]!), Is.EqualTo((3, true)));
    }

    [Test]
    public async Task A_writer_who_drops_keys_that_it_does_not_know_makes_nothing_count_twice()
    {
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        await WriteAsync();
        await File.WriteAllTextAsync(BankFile, """{"n":11}""");
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        await WriteAsync();
        Assert.That((int)Read()["n"]!, Is.EqualTo(12));
    }

    [Test]
    public async Task A_new_database_goes_on_with_the_banks_that_are_there()
    {
        for (var i = 0; i < 3; i++)
        {
            await UpdateAsync(Supervisor, """{"n":"+1"}""");
            await WriteAsync();
        }

        await using var second = await TeamsHost.StartAsync(provider);
        File.Copy(BankFile, Path.Combine(second.BankPath, Supervisor));
        await second.SendAsync(new UpdateMemoryBanks([new(Supervisor, JsonElement.Parse("""{"n":"+1"}"""))]));
        await second.Services.GetRequiredService<BankWriter>().WriteAsync(Supervisor, CancellationToken.None);
        Assert.That((int)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(second.BankPath, Supervisor)))!["n"]!, Is.EqualTo(4));
    }

    [Test]
    public async Task A_database_that_was_put_back_loses_nothing_new()
    {
        for (var i = 0; i < 3; i++)
        {
            await UpdateAsync(Supervisor, """{"n":"+1"}""");
            await WriteAsync();
        }

        await _host.ChangeAsync(db => db.Banks.ExecuteUpdateAsync(s => s.SetProperty(b => b.LastBatch, 1).SetProperty(b => b.Applied, 1).SetProperty(b => b.ContentBatch, 1)));
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        await WriteAsync();
        Assert.That((int)Read()["n"]!, Is.EqualTo(4));
    }

    [Test]
    public async Task The_lock_of_another_program_is_waited_for_and_taken_over_when_stale()
    {
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        var outside = new OutsideWriter(BankFile, "other", _host.Clock);
        Assert.That(outside.Begin(), Is.True);
        Assert.That(await _writer.WriteAsync(Supervisor, CancellationToken.None), Is.False);
        _host.Clock.Advance(TimeSpan.FromSeconds(30));
        await WriteAsync();
        Assert.That((int)Read()["n"]!, Is.EqualTo(1));
        Assert.That(Directory.GetFiles(_host.BankPath), Has.Length.EqualTo(1), "no lock and no half-made file is left");
    }

    [Test]
    public async Task A_team_spelt_otherwise_is_read_and_written_as_ours()
    {
        await File.WriteAllTextAsync(Path.Combine(_host.BankPath, "TEAM_DOCUMENT.json"), """{"n":4}""");
        await UpdateAsync("TEAM_DOCUMENT.json", """{"n":"+1"}""");
        Assert.That(await _writer.WriteAsync("TEAM_Document.json", CancellationToken.None), Is.True);
        Assert.That((int)Read("TEAM_Document.json")["n"]!, Is.EqualTo(5));
    }

    [Test]
    public async Task An_update_that_cannot_be_applied_becomes_one_blocker_and_the_rest_goes_on()
    {
        foreach (var name in new[] { "../evil.json", "../evil.json" })
            await _host.SendAsync(new UpdateMemoryBanks([new(name, JsonElement.Parse("""{"n":"+1"}""")), new(Supervisor, JsonElement.Parse("[1]")), new(Supervisor, JsonElement.Parse("""{"n":"+1"}"""))]));
        await WriteAsync();
        Assert.That((int)Read()["n"]!, Is.EqualTo(2));
        Assert.That((await _host.SendAsync(new ListBlockers.Query(null, "open", null, null))).Blockers, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Runs_are_logged_and_old_ones_rotate_once_whatever_crashes()
    {
        var ids = new List<string>();
        for (var i = 0; i < 14; i++) ids.Add(await LogAsync());
        Assert.That(await _writer.WriteAsync(BankName.ExecutionLog, CancellationToken.None), Is.True);
        for (var i = 0; i < 9; i++) ids.Add(await LogAsync());
        await using (var scope = _host.Services.CreateAsyncScope())
        {
            // Rotated, and then the process dies.
            var edit = await _writer.PrepareAsync(BankName.ExecutionLog, scope, CancellationToken.None);
            Assert.That(edit, Is.Not.Null);
        }

        _host.Clock.Advance(TimeSpan.FromSeconds(31));
        ids.Add(await LogAsync());
        await Restarted().WriteAsync(BankName.ExecutionLog, CancellationToken.None);
        var kept = Directory.GetFiles(_host.BankPath, "WORKFLOW_EXECUTION_LOG*.json")
            .OrderBy(f => f.EndsWith(BankName.ExecutionLog, StringComparison.Ordinal)).ThenBy(f => f, StringComparer.Ordinal)
            .SelectMany(f => JsonNode.Parse(File.ReadAllText(f))!["executions"]!.AsArray().Select(e => (string?)e!["workflow_id"]));
        Assert.That(kept, Is.EqualTo(ids));
        Assert.That((int)Read(BankName.ExecutionLog)["summary"]!["total_executions"]!, Is.EqualTo(24));
        Assert.That(Read(BankName.ExecutionLog)["executions"]!.AsArray(), Has.Count.LessThan(15));
    }

    [Test]
    public async Task Updates_that_are_kept_twice_over_are_dropped_in_time()
    {
        for (var i = 0; i < 5; i++)
        {
            await UpdateAsync(Supervisor, """{"n":"+1"}""");
            _host.Clock.Advance(TimeSpan.FromMinutes(6));
            await WriteAsync();
        }

        Assert.That(await _host.QueryAsync(db => db.BankUpdates.CountAsync()), Is.EqualTo(1));
        Assert.That((await StateAsync()).Swept, Is.EqualTo(4));
    }

    [Test]
    public async Task Banks_are_listed_and_read_over_http()
    {
        await UpdateAsync(Supervisor, """{"n":"+1"}""");
        var before = (await _host.SendAsync(new ListMemoryBanks.Query())).MemoryBanks.Single();
        Assert.That((before.File, before.Size, before.PendingUpdates), Is.EqualTo((Supervisor, (long?)null, 1)));
        await WriteAsync();
        Assert.That((await _host.SendAsync(new ListMemoryBanks.Query())).MemoryBanks.Single().PendingUpdates, Is.Zero);
        using var client = _host.ClientOf(TeamsHost.Operator);
        Assert.That(await client.GetStringAsync("memory-banks/SUPERVISOR.json"), Does.Contain("\"n\":1"));
        Assert.That((int)(await client.GetAsync("memory-banks/..%2Fsecret.json")).StatusCode, Is.EqualTo(404));
        await File.WriteAllTextAsync(BankFile, "{");
        Assert.That((int)(await client.GetAsync("memory-banks/SUPERVISOR.json")).StatusCode, Is.EqualTo(503));
    }

    private BankWriter Restarted() => ActivatorUtilities.CreateInstance<BankWriter>(_host.Services);

    private Task<MediatR.Unit> UpdateAsync(string file, string update) => _host.SendAsync(new UpdateMemoryBanks([new(file, JsonElement.Parse(update))]));

    private async Task<string> LogAsync()
    {
        var (id, now) = (Id<Workflow>.New(_host.Clock), _host.Clock.GetUtcNow());
        await _host.SendAsync(new UpdateMemoryBanks([], new ExecutionEntry(id, "upload", "1.0.0", "svc", "success", now, now, 12, ["one"])));
        return id.ToString();
    }

    private async Task WriteAsync() => Assert.That(await _writer.WriteAsync(Supervisor, CancellationToken.None), Is.True);

    private JsonObject Read(string file = Supervisor) => JsonNode.Parse(File.ReadAllText(Path.Combine(_host.BankPath, file)))!.AsObject();

    private Task<BankRow> StateAsync() => _host.QueryAsync(db => db.Banks.AsNoTracking().SingleAsync(b => b.File == Supervisor));
}
