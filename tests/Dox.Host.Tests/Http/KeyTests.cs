using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.Testing.Hosts;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Host.Tests.Http;

[TestFixture(DatabaseProvider.Sqlite, TransportKind.InProcess)]
[TestFixture(DatabaseProvider.PostgreSql, TransportKind.Redis)]
public sealed class KeyTests(DatabaseProvider database, TransportKind transport)
{
    private const string First = "0c9d2b8f6a1e4d7b93c5";

    // A revoked key may be taken for so long yet
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await DoxHostFixture.StartAsync(new DoxHostSetup
    {
        Modules = [.. Dox.Host.Modules.All, new ProbeModule()],
        Database = database,
        Transport = transport,
        Clock = _clock,
        Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["REQUIRE_AUTH"] = "true", ["API_KEY"] = First, ["Dox:Auth:LockoutAttempts"] = "1000" },
    });

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task A_key_is_its_holder_with_the_roles_account_and_teams_that_were_named()
    {
        var made = await MakeAsync(new { name = "ada", account_id = "acme", roles = new[] { "reviewer", "Operator" }, teams = new[] { "Document Processing" } });
        var caller = await CallerAsync((string)made["api_key"]!);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)made["api_key"], Does.Match("^dox_[A-Za-z0-9_-]{43}$"));
            Assert.That(((string?)caller["user"], (string?)caller["account"]), Is.EqualTo(("ada", "acme")));
            Assert.That(caller["roles"]!.AsArray().Select(r => (string?)r), Is.EqualTo(["reviewer", "operator"]));
            Assert.That(caller["teams"]!.AsArray().Select(t => (string?)t), Is.EqualTo(["Document Processing"]));
        }
    }

    [Test]
    public async Task A_key_can_do_no_more_than_its_roles_and_makes_no_others()
    {
        var key = (string)(await MakeAsync(new { name = "sue", roles = new[] { "submitter" } }))["api_key"]!;
        using var made = await SendAsync(HttpMethod.Post, "/api/v1/keys", key, new { name = "eve", roles = new[] { "admin" } });
        using var listed = await SendAsync(HttpMethod.Get, "/api/v1/keys", key);

        await made.ShouldBeProblem(HttpStatusCode.Forbidden, "forbidden");
        await listed.ShouldBeProblem(HttpStatusCode.Forbidden, "forbidden");
    }

    [Test]
    public async Task A_keys_text_is_told_once_and_kept_nowhere()
    {
        var made = await MakeAsync(new { name = "tom", roles = new[] { "author" } });
        var (text, id) = ((string)made["api_key"]!, (string)made["key"]!["key_id"]!);
        using var listed = await SendAsync(HttpMethod.Get, "/api/v1/keys?limit=100", First);
        using var shown = await SendAsync(HttpMethod.Get, $"/api/v1/keys/{id}", First);
        using var audited = await SendAsync(HttpMethod.Get, $"/api/v1/audit?subject={id}", First);
        var audit = (await audited.Content.ReadFromJsonAsync<JsonNode>())!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await listed.Content.ReadAsStringAsync(), Does.Contain(id).And.Not.Contain(text));
            Assert.That(await shown.Content.ReadAsStringAsync(), Does.Contain("\"tom\"").And.Not.Contain(text));
            Assert.That(audit.ToJsonString(), Does.Contain("key.create").And.Not.Contain(text));
            Assert.That(_host.Logs.Lines.Select(line => line.ToString()), Has.None.Contains(text));
            if (database == DatabaseProvider.Sqlite)
                foreach (var file in Directory.EnumerateFiles(_host.DataFolder, "*.db*", SearchOption.AllDirectories)) Assert.That(Holds(file, text), Is.False, file);
        }
    }

    [Test]
    public async Task A_key_runs_out()
    {
        var key = (string)(await MakeAsync(new { name = "max", roles = new[] { "submitter" }, expires_in_days = 1 }))["api_key"]!;
        await CallerAsync(key);

        _clock.Advance(TimeSpan.FromDays(1) + Fresh);

        await ShouldBeRefused(key);
    }

    [Test]
    public async Task A_new_text_is_taken_at_once_and_the_old_one_for_a_while_yet()
    {
        var made = await MakeAsync(new { name = "kim", roles = new[] { "submitter" } });
        var (old, id) = ((string)made["api_key"]!, (string)made["key"]!["key_id"]!);
        using var rotated = await SendAsync(HttpMethod.Post, $"/api/v1/keys/{id}/rotate", First, new { });
        var text = (string)(await rotated.Content.ReadFromJsonAsync<JsonNode>())!["api_key"]!;

        Assert.That(((string?)(await CallerAsync(old))["user"], (string?)(await CallerAsync(text))["user"]), Is.EqualTo(("kim", "kim")));
        _clock.Advance(TimeSpan.FromHours(24) + Fresh);
        await ShouldBeRefused(old);
        await CallerAsync(text);
    }

    [Test]
    public async Task A_revoked_key_is_refused_within_ten_seconds_and_gets_no_new_text()
    {
        var made = await MakeAsync(new { name = "lee", roles = new[] { "admin" } });
        var (key, id) = ((string)made["api_key"]!, (string)made["key"]!["key_id"]!);
        await CallerAsync(key);
        using (var revoked = await SendAsync(HttpMethod.Delete, $"/api/v1/keys/{id}?reason=left", First)) Assert.That(revoked.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using (var again = await SendAsync(HttpMethod.Delete, $"/api/v1/keys/{id}", First)) Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        _clock.Advance(Fresh);

        await ShouldBeRefused(key);
        using var rotated = await SendAsync(HttpMethod.Post, $"/api/v1/keys/{id}/rotate", First, new { });
        await rotated.ShouldBeProblem(HttpStatusCode.Conflict, "key_revoked");
    }

    [TestCase("""{"name": "", "roles": ["admin"]}""", "name")]
    [TestCase("""{"name": "a\nb", "roles": ["admin"]}""", "name")]
    [TestCase("""{"name": "ann"}""", "roles")]
    [TestCase("""{"name": "ann", "roles": []}""", "roles")]
    [TestCase("""{"name": "ann", "roles": ["king"]}""", "roles")]
    [TestCase("""{"name": "ann", "roles": ["system"]}""", "roles")]
    [TestCase("""{"name": "system", "roles": ["admin"]}""", "system")]
    [TestCase("""{"name": "API-Key", "roles": ["admin"]}""", "API-Key")]
    [TestCase("""{"name": "ann", "roles": ["admin"], "account_id": "system"}""", "account_id")]
    [TestCase("""{"name": "ann", "roles": ["admin"], "teams": ["a,b"]}""", "teams")]
    [TestCase("""{"name": "ann", "roles": ["admin"], "expires_in_days": 0}""", "expires_in_days")]
    [TestCase("""{"name": "ann", "roles": ["admin"], "expires_in_days": 3651}""", "expires_in_days")]
    public async Task A_key_that_cannot_be_is_refused_and_told_why(string body, string named)
    {
        using var refused = await SendAsync(HttpMethod.Post, "/api/v1/keys", First, JsonNode.Parse(body)!);

        Assert.That((await refused.ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_key")).GetProperty("detail").GetString(), Does.Contain(named));
    }

    [TestCase("dox_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("dox_")]
    public async Task A_key_that_nobody_made_is_refused(string key) => await ShouldBeRefused(key);

    [Test]
    public async Task Whoever_is_shown_a_key_can_ask_whose_it_is()
    {
        var made = await MakeAsync(new { name = "uma", account_id = "acme", roles = new[] { "reviewer" }, teams = new[] { "Document" } });
        var key = (string)made["api_key"]!;
        var (own, shown, wrong) = (await ValidateAsync(key, new { }), await ValidateAsync(First, new { api_key = key }), await ValidateAsync(First, new { api_key = key[..^1] + (key[^1] == 'A' ? 'B' : 'A') }));

        foreach (var answer in new[] { own, shown })
        {
            Assert.That(((bool)answer["valid"]!, (string)answer["user_id"]!, (string)answer["account_id"]!), Is.EqualTo((true, "uma", "acme")));
            Assert.That((answer["roles"]!.ToJsonString(), answer["teams"]!.ToJsonString()), Is.EqualTo(("""["reviewer"]""", """["Document"]""")));
        }

        Assert.That(((bool)wrong["valid"]!, wrong["user_id"], wrong["roles"]), Is.EqualTo((false, (JsonNode?)null, (JsonNode?)null)));
        Assert.That((bool)(await ValidateAsync(First, new { token = "rubbish" }))["valid"]!, Is.False, "no tokens are taken here");
        using var both = await SendAsync(HttpMethod.Post, "/api/v1/auth/validate", First, new { api_key = key, token = "x" });
        await both.ShouldBeProblem(HttpStatusCode.BadRequest, "two_credentials");
    }

    [Test]
    public async Task Administrators_see_who_holds_a_key_and_everybody_sees_itself()
    {
        var key = (string)(await MakeAsync(new { name = "ivo", account_id = "acme", roles = new[] { "submitter" } }))["api_key"]!;
        using var byAdministrator = await SendAsync(HttpMethod.Get, "/api/auth/user/ivo", First);
        using var itself = await SendAsync(HttpMethod.Get, "/api/auth/user/ivo", key);
        using var another = await SendAsync(HttpMethod.Get, "/api/auth/user/api-key", key);
        using var nobody = await SendAsync(HttpMethod.Get, "/api/auth/user/nobody", First);

        foreach (var answer in new[] { byAdministrator, itself })
        {
            Assert.That((await answer.Content.ReadFromJsonAsync<JsonNode>())!["user"]!.ToJsonString(), Is.EqualTo("""{"user_id":"ivo","account_id":"acme","roles":["submitter"],"teams":[]}"""));
        }

        await another.ShouldBeProblem(HttpStatusCode.NotFound, "user_not_found");
        await nobody.ShouldBeProblem(HttpStatusCode.NotFound, "user_not_found");
    }

    private async Task<JsonNode> ValidateAsync(string key, object body)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/v1/auth/validate", key, body);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static bool Holds(string file, string text)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var into = new MemoryStream();
        stream.CopyTo(into);
        return into.ToArray().AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0;
    }

    private async Task ShouldBeRefused(string key)
    {
        using var answer = await SendAsync(HttpMethod.Get, "/api/v1/probe/caller", key);
        await answer.ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    private async Task<JsonNode> CallerAsync(string key)
    {
        using var answer = await SendAsync(HttpMethod.Get, "/api/v1/probe/caller", key);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private async Task<JsonNode> MakeAsync(object body)
    {
        using var made = await SendAsync(HttpMethod.Post, "/api/v1/keys", First, body);
        Assert.That(made.StatusCode, Is.EqualTo(HttpStatusCode.Created), await made.Content.ReadAsStringAsync());
        return (await made.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string key, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("X-API-Key", key);
        if (body is not null) request.Content = JsonContent.Create(body);
        return await _host.Client.SendAsync(request);
    }
}
