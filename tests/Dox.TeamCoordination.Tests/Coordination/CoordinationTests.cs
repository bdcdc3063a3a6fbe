using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.TeamCoordination.Tests.Coordination;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
internal sealed class CoordinationTests(DatabaseProvider provider)
{
    private TeamsHost _host = null!;

    [SetUp]
    public async Task StartAsync() => _host = await TeamsHost.StartAsync(provider);

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    private Task WriteAsync(string bank, string json) => File.WriteAllTextAsync(Path.Combine(_host.BankPath, bank), json);

    private JsonObject Read(string bank) => (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(_host.BankPath, bank)))!;

    private Task<MediatR.Unit> OpenAsync(BlockerSeverity severity, string service, string title) =>
        _host.SendAsync(new OpenBlocker(Id<Blocker>.New(_host.Clock), severity, service, null, title, "In full."));

    [Test]
    public async Task Status_is_what_the_banks_say_and_what_blockers_mean()
    {
        await WriteAsync("SERVICE_dox-core-store.json", """{"status":"healthy","progress_percent":80}""");
        await WriteAsync("SERVICE_dox-core-auth.json", """{"overall_status":"At Risk","completion_percentage":20}""");
        await WriteAsync("SERVICE_dox-tmpl-service.json", """{"status":"fine"}""");
        await WriteAsync("SERVICE_dox-gtwy-main.json", "{ broken");
        await WriteAsync("SERVICE_somebodys.json", """{"status":"fine"}""");
        await OpenAsync(BlockerSeverity.High, "dox-tmpl-service", "It is slow");
        await OpenAsync(BlockerSeverity.Low, "dox-core-store", "A typo");

        var report = await _host.SendAsync(new AggregateServiceStatus());

        var found = report.Services.ToDictionary(service => service.Service, StringComparer.Ordinal);
        Assert.Multiple(() =>
        {
            Assert.That(found["dox-core-store"], Is.EqualTo(new ServiceStatus("dox-core-store", "Infrastructure", ServiceOutlook.OnTrack, "healthy", 80, 1, null)));
            Assert.That((found["dox-core-auth"].Outlook, found["dox-core-auth"].ProgressPercent), Is.EqualTo((ServiceOutlook.AtRisk, 20.0)));
            Assert.That(found["dox-tmpl-service"].Outlook, Is.EqualTo(ServiceOutlook.AtRisk), "a high blocker is open");
            Assert.That(found["dox-gtwy-main"], Has.Property("Outlook").EqualTo(ServiceOutlook.Unknown).And.Property("Problem").Not.Null);
            Assert.That(found["dox-actv-service"].Outlook, Is.EqualTo(ServiceOutlook.Unknown), "nobody wrote anything");
            Assert.That(found["somebodys"].Team, Is.EqualTo("Document"), "the default team's");
            Assert.That((report.ServicesTotal, report.ServicesOnTrack, report.ServicesAtRisk, report.OverallProgressPercent), Is.EqualTo((17, 2, 2, 50.0)));
            Assert.That(report.Teams.Single(team => team.Team == "Infrastructure"), Is.EqualTo(new TeamStatus("Infrastructure", 2, 1, 1, 50, false)));
        });
    }

    [TestCase("""["dox-core-auth"]""")]
    [TestCase("""[{"service":"dox-core-auth","since":"yesterday"}]""")]
    [TestCase("""{"dox-core-auth":"needed"}""")]
    public async Task Dependencies_tell_who_waits_for_whom(string dependencies)
    {
        await WriteAsync("SERVICE_dox-tmpl-service.json", $$"""{"status":"fine","dependencies":{{dependencies}}}""");
        await WriteAsync("SERVICE_dox-core-auth.json", """{"status":"blocked","depends_on":["dox-core-store"]}""");

        var report = await _host.SendAsync(new AnalyzeCrossTeamDependencies());

        var teams = report.Teams.ToDictionary(team => team.Team, StringComparer.Ordinal);
        Assert.Multiple(() =>
        {
            Assert.That(report.Dependencies, Has.Count.EqualTo(2));
            Assert.That(report.CrossTeam, Is.EqualTo(1));
            Assert.That(teams["Document"].WaitsFor, Is.EqualTo(new[] { "dox-core-auth" }));
            Assert.That(teams["Infrastructure"].HoldsUp, Is.EqualTo(new[] { "dox-tmpl-service" }));
            Assert.That(teams["Infrastructure"].WaitsFor, Is.Empty, "the store is its own");
        });
    }

    [Test]
    public async Task Blockers_are_ours_and_those_that_others_wrote_each_once()
    {
        await OpenAsync(BlockerSeverity.Medium, "dox-core-store", "Ours");
        var own = (await _host.SendAsync(new IdentifyActiveBlockers())).Blockers.Single();
        await WriteAsync("BLOCKING_ISSUES.json", $$"""
            {"blocking_issues":[{"issue_id":"{{own.IssueId}}","title":"Ours"},{"issue_id":"x-1","severity":"CRITICAL","service_name":"dox-gtwy-main","description":"Theirs","created_at":"2026-03-01T00:00:00Z"},7]}
            """);

        var report = await _host.SendAsync(new IdentifyActiveBlockers());

        Assert.Multiple(() =>
        {
            Assert.That(report.Blockers.Select(blocker => (blocker.Title, blocker.Severity, blocker.Team)), Is.EqualTo(new[] { ("Theirs", "critical", "Frontend"), ("Ours", "medium", "Infrastructure") }));
            Assert.That((report.BlockersCount, report.CriticalBlockers), Is.EqualTo((2, 1)));
        });
    }

    [Test]
    public async Task Sync_writes_each_teams_bank_and_the_supervisors()
    {
        await WriteAsync("SERVICE_dox-core-store.json", """{"status":"healthy","progress_percent":80}""");
        await WriteAsync("SUPERVISOR.json", """{"theirs":1}""");
        await OpenAsync(BlockerSeverity.Critical, "dox-gtwy-main", "The door is shut");
        using var client = _host.ClientOf(TeamsHost.Operator);

        using var answer = await client.PostAsync(new Uri("coordination/sync", UriKind.Relative), null);
        var result = await answer.Content.ReadFromJsonAsync<JsonElement>();
        foreach (var bank in new[] { "SUPERVISOR.json", "TEAM_Frontend.json", "TEAM_Infrastructure.json" })
            await _host.Services.GetRequiredService<BankWriter>().WriteAsync(bank, CancellationToken.None);

        var supervisor = Read("SUPERVISOR.json");
        Assert.Multiple(() =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((result.GetProperty("success").GetBoolean(), result.GetProperty("teams_updated").GetInt32()), Is.EqualTo((true, 7)));
            Assert.That(supervisor["last_coordination_sync_id"]!.GetValue<string>(), Is.EqualTo(result.GetProperty("sync_id").GetString()));
            Assert.That(supervisor["theirs"]!.GetValue<int>(), Is.EqualTo(1), "what others wrote stays");
            Assert.That(supervisor["critical_alerts"]!.ToJsonString(), Is.EqualTo("""["Frontend: The door is shut"]"""));
            Assert.That(supervisor["next_coordination_sync"]!.GetValue<string>(), Does.StartWith("2026-03-03T09:00:00"));
            foreach (var key in new[] { "overall_progress_percent", "services_total", "services_on_track", "services_at_risk", "blockers_count", "critical_blockers", "teams_on_track", "last_coordination_sync" })
                Assert.That(supervisor[key], Is.Not.Null, key);
            Assert.That(Read("TEAM_Frontend.json")["critical_blockers"]!.GetValue<int>(), Is.EqualTo(1));
            Assert.That(Read("TEAM_Infrastructure.json")["services"]!["dox-core-store"]!["outlook"]!.GetValue<string>(), Is.EqualTo("on_track"));
        });
    }

    [Test]
    public async Task Sync_is_for_operators()
    {
        using var client = _host.ClientOf(TeamsHost.Ann);
        using var answer = await client.PostAsync(new Uri("coordination/sync", UriKind.Relative), null);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [TestCase("""{"paths":{"/api/documents":{"post":{},"parameters":[]},"/api/documents/{id}":{"get":{}}}}""", "")]
    [TestCase("""{"paths":{"/api/documents":{"post":{}}}}""", "GET /api/documents/{document_id} isn't answered.")]
    [TestCase("""{"endpoints":[{"method":"post","path":"/api/documents","status":200,"response":{"id":1}},{"path":"/api/documents/{x}"}]}""", "POST /api/documents answers 200, promised is 202. POST /api/documents: the answer has no 'document_id'.")]
    [TestCase("""[1]""", "POST /api/documents isn't answered. GET /api/documents/{document_id} isn't answered.")]
    public async Task Service_is_compared_with_its_contract(string api, string problems)
    {
        await WriteAsync("API_CONTRACTS.json", """
            {"contracts":{"dox-core-store":{"endpoints":[{"method":"POST","path":"/api/documents","status":202,"response_fields":["document_id"]},{"method":"GET","path":"/api/documents/{document_id}"}]}}}
            """);
        var check = await _host.SendAsync(new ValidateApiAgainstContract("dox-core-store", JsonDocument.Parse(api).RootElement));
        Assert.That((string.Join(' ', check.Problems), check.Valid, check.EndpointsChecked), Is.EqualTo((problems, problems.Length == 0, 2)));
    }

    [TestCase(null, "API_CONTRACTS.json holds no endpoints of 'dox-core-store'.")]
    [TestCase("""{"contracts":{}}""", "API_CONTRACTS.json holds no endpoints of 'dox-core-store'.")]
    [TestCase("{ broken", "API_CONTRACTS.json can't be read")]
    public async Task Service_without_a_contract_is_not_valid(string? bank, string problem)
    {
        if (bank is not null) await WriteAsync("API_CONTRACTS.json", bank);
        var check = await _host.SendAsync(new ValidateApiAgainstContract("dox-core-store", JsonDocument.Parse("{}").RootElement));
        Assert.That((check.Valid, check.ContractFound), Is.EqualTo((false, false)));
        Assert.That(check.Problems.Single(), Does.StartWith(problem));
    }
}
