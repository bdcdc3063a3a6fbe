using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TeamCoordination.Blockers;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Teams;
using Dox.TeamCoordination.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.TeamCoordination.Tests.Blockers;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
internal sealed class BlockerTests(DatabaseProvider provider)
{
    private TeamsHost _host = null!;

    [SetUp]
    public async Task StartAsync() => _host = await TeamsHost.StartAsync(provider);

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Opening_a_blocker_again_changes_nothing()
    {
        var met = Met();
        await _host.SendAsync(met);
        await _host.SendAsync(met with { Title = "Something else" });
        var seen = (await _host.SendAsync(new ListBlockers.Query(null, null, null, null), TeamsHost.Ann)).Blockers.Single();
        Assert.That((seen.Title, seen.Team), Is.EqualTo((met.Title, "Signing")));
        await WriteAsync();
        Assert.That(Issues("blocking_issues"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_blocker_moves_from_the_open_to_the_resolved_ones_in_its_bank()
    {
        var met = Met();
        await File.WriteAllTextAsync(
            Path.Combine(_host.BankPath, BankName.BlockingIssues), """{"blocking_issues":[{"issue_id":"theirs","title":"x"}],"note":"of others"}""");
        await _host.SendAsync(met);
        await WriteAsync();
        Assert.That(Issues("blocking_issues").Select(i => (string?)i!["issue_id"]), Is.EqualTo(new[] { "theirs", met.Id.ToString() }));

        Assert.That(
            () => _host.SendAsync(new ResolveBlocker.Command(met.Id, ""), TeamsHost.Ann), Throws.InstanceOf<DoxException>().With.Property("Code").EqualTo("invalid_request"));
        await _host.SendAsync(new ResolveBlocker.Command(met.Id, "restarted it"), TeamsHost.Ann);
        Assert.That(
            () => _host.SendAsync(new ResolveBlocker.Command(met.Id, "again"), TeamsHost.Ann), Throws.InstanceOf<DoxException>().With.Property("Code").EqualTo("blocker_resolved"));
        await WriteAsync();
        Assert.That(Issues("blocking_issues").Select(i => (string?)i!["issue_id"]), Is.EqualTo(new[] { "theirs" }));
        Assert.That((string?)Issues("resolved_issues").Single()!["resolution"], Is.EqualTo("restarted it"));
        Assert.That((string?)Bank()["note"], Is.EqualTo("of others"));
    }

    [Test]
    public async Task A_person_reports_a_blocker_over_http()
    {
        using var ann = _host.ClientOf(TeamsHost.Ann);
        var bad = await ann.PostAsJsonAsync("blockers", new { team = "Nobody" });
        Assert.That(bad.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        var made = await ann.PostAsJsonAsync("blockers", new { title = "No key", service = "dox-gtwy-main", severity = "critical" });
        Assert.That(made.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        var seen = (await ann.GetFromJsonAsync<JsonObject>(made.Headers.Location))!;
        Assert.That(((string?)seen["team"], (string?)seen["severity"], (string?)seen["opened_by"]), Is.EqualTo(("Frontend", "critical", "ann")));
        Assert.That((await ann.PostAsJsonAsync($"blockers/{seen["blocker_id"]}/resolve", new { note = "set it" })).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await ann.GetFromJsonAsync<JsonObject>("blockers?status=open"))!["blockers"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task A_team_shows_what_waits_for_it_and_what_it_was_told()
    {
        await _host.SendAsync(Met());
        await _host.SendAsync(new NotifyTeam("signing", "First", "one"));
        _host.Clock.Advance(TimeSpan.FromMinutes(2));
        await _host.SendAsync(new NotifyTeam("Signing", "Second", "two"));

        var team = await _host.SendAsync(new GetTeam.Query("signing"), TeamsHost.Reviewer("sam", "Signing"));
        Assert.That((team.Team.OpenBlockers, team.Team.OldestBlockerAgeSeconds), Is.EqualTo((1, 120)));
        Assert.That(team.Notices.Select(n => n.Subject), Is.EqualTo(new[] { "Second", "First" }));
        Assert.That(
            () => _host.SendAsync(new GetTeam.Query("Signing"), TeamsHost.Reviewer("otto", "Data")), Throws.InstanceOf<DoxException>().With.Property("Status").EqualTo(404));
        Assert.That((await _host.SendAsync(new ListTeams.Query(), TeamsHost.Ann)).Teams, Has.Count.EqualTo(7));
    }

    [Test]
    public async Task What_waits_and_for_how_long_is_measured_for_each_team()
    {
        var figures = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == "Dox.TeamCoordination") l.EnableMeasurementEvents(instrument); } };
        // The meter belongs to the process: hosts of other tests measure too, and have nothing waiting for this team.
        void Note(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "team") figures.AddOrUpdate($"{name}/{tag.Value}", value, (_, other) => Math.Max(other, value));
            }
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        listener.Start();
        await _host.SendAsync(new OpenReview(
            Id<Review>.New(_host.Clock), Id<Workflow>.New(_host.Clock), "rule", "step", 1, null, "acme", "Activation", "?", "?", JsonElement.Parse("{}")));
        await _host.SendAsync(Met() with { Service = "dox-actv-service" });
        _host.Clock.Advance(TimeSpan.FromSeconds(90));
        await _host.Services.GetRequiredService<CoordinationMetrics>().ReadAsync(CancellationToken.None);
        listener.RecordObservableInstruments();
        Assert.That(
            new[] { "review_open_count", "review_age", "blocker_open_count", "blocker_age" }.Select(name => figures[$"{name}/Activation"]), Is.EqualTo(new[] { 1.0, 90, 1, 90 }));
        Assert.That(figures["review_open_count/Frontend"], Is.Zero);
    }

    private OpenBlocker Met() => new(Id<Blocker>.New(_host.Clock), BlockerSeverity.High, "dox-esig-service", null, "It doesn't answer", "For ten minutes.");

    private async Task WriteAsync() => Assert.That(await _host.Services.GetRequiredService<BankWriter>().WriteAsync(BankName.BlockingIssues, CancellationToken.None), Is.True);

    private JsonObject Bank() => JsonNode.Parse(File.ReadAllBytes(Path.Combine(_host.BankPath, BankName.BlockingIssues)))!.AsObject();

    private JsonArray Issues(string list) => Bank()[list]!.AsArray();
}
