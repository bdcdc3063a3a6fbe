using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Dox.Orchestration.Services;
using Dox.Orchestration.Tests.Events;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Tests.Services;

/// <summary>What rules may call over HTTP, and what they can't get at.</summary>
public sealed class HttpServiceTests
{
    private const string Secret = "k3y-of-the-ledger";
    private const string Call = """
        name: call
        steps:
          - { name: Call, action: api_call, params: { service: "${service}", method: "${method}", endpoint: "${endpoint}", body: { amount: 12 } } }
        """;

    private const string Careful = "name: careful\nconditions:\n  - { type: service_ready, check: the ledger is healthy }\nsteps:\n  - { name: A, action: effect }\n";

    private readonly ConcurrentQueue<(string Method, string Path, string Key, string Auth, string Trace)> _requests = new();
    private WebApplication _ledger = null!;
    private EventsHost _host = null!;
    private int _failures;
    private bool _healthy = true;

    [SetUp]
    public async Task Start()
    {
        _requests.Clear();
        (_failures, _healthy) = (0, true);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _ledger = builder.Build();
        _ledger.Run(HandleAsync);
        await _ledger.StartAsync();
        var url = _ledger.Urls.First();
        _host = await EventsHost.StartAsync(DatabaseProvider.Sqlite, new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Dox:Services:ledger:Url"] = url + "/base",
            ["Dox:Services:ledger:ApiKey"] = Secret,
            ["Dox:Services:ledger:Timeout"] = "00:00:01",
            ["Dox:Services:ledger:MaxAnswerBytes"] = "2000",
            ["Dox:Services:keyed:Url"] = url + "/base/",
            ["Dox:Services:keyed:Keyed"] = "true",
            ["Dox:Services:plain"] = url,
        }, null, Call, Careful);
    }

    [TearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    [Test]
    public async Task Endpoint_is_called_under_the_services_address_with_key_trace_and_credentials()
    {
        var run = await CallAsync("ledger", "POST", "/entries");
        var request = _requests.Single(r => r.Path == "/base/entries");

        Assert.That((string?)run["status"], Is.EqualTo("success"), run.ToJsonString());
        Assert.That((int)run["step_results"]!["Call"]!["output"]!["stored"]!, Is.EqualTo(12));
        Assert.That(request.Key, Is.EqualTo($"{(string?)run["workflow_id"]}/Call/1"));
        Assert.That(request.Auth, Is.EqualTo(Secret));
        Assert.That(request.Trace, Is.Not.Empty);
        var history = (await _host.SendAsync(HttpMethod.Get, $"workflows/{(string?)run["workflow_id"]}/history")).Json!.ToJsonString();
        Assert.That(history + string.Join('\n', _host.Host.Logs.Lines), Does.Not.Contain(Secret));
    }

    [TestCase("ledger", "GET", 2, "success", 3)]
    [TestCase("keyed", "POST", 2, "success", 3)]
    [TestCase("ledger", "POST", 1, "failed", 1, TestName = "POST to a service that isn't keyed isn't sent twice")]
    public async Task Call_is_tried_again_where_that_cant_do_harm(string service, string method, int failures, string status, int requests)
    {
        _failures = failures;
        var run = await CallAsync(service, method, "/flaky");

        Assert.That((string?)run["status"], Is.EqualTo(status));
        Assert.That(_requests.Count(r => r.Path.EndsWith("/flaky", StringComparison.Ordinal)), Is.EqualTo(requests));
        Assert.That(_requests.Select(r => r.Key).Where(k => k.Length > 0).Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(1));
    }

    [TestCase("/../admin")]
    [TestCase("/a/../../admin")]
    [TestCase("/%2e%2e/admin")]
    [TestCase("/%252e%252e/admin")]
    [TestCase("/..%5cadmin")]
    [TestCase("//evil.example/admin")]
    [TestCase("http://evil.example/admin")]
    [TestCase("@evil.example/")]
    [TestCase("/a@evil.example")]
    [TestCase("\\\\evil.example\\x")]
    [TestCase("admin")]
    public async Task Endpoint_that_leads_elsewhere_is_refused(string endpoint)
    {
        var run = await CallAsync("ledger", "GET", endpoint);

        Assert.That((string?)run["error"]!["code"], Is.EqualTo("invalid_endpoint"));
        Assert.That(_requests.Where(r => r.Path.Contains("admin", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase("/redirect", "redirected")]
    [TestCase("/huge", "answer_too_large")]
    [TestCase("/hang", "service_timeout")]
    [TestCase("/refuse", "out_of_funds")]
    public async Task Bad_answer_fails_the_step_with_what_it_was(string endpoint, string code)
    {
        var run = await CallAsync("ledger", "POST", endpoint);

        Assert.That((string?)run["error"]!["code"], Is.EqualTo(code), run["error"]!.ToJsonString());
        Assert.That(_requests.Where(r => r.Path == "/inside"), Is.Empty);
    }

    [Test]
    public async Task Service_that_is_not_configured_cant_be_called()
    {
        var run = await CallAsync("evil", "GET", "/");

        Assert.That((string?)run["error"]!["code"], Is.EqualTo("unknown_service"));
    }

    [Test]
    public async Task Service_that_keeps_failing_is_left_alone_for_a_while()
    {
        for (var i = 0; i < 12; i++) await CallAsync("ledger", "POST", "/broken");
        var before = _requests.Count(r => r.Path == "/base/broken");
        var run = await CallAsync("ledger", "POST", "/broken");

        Assert.That((string?)run["error"]!["code"], Is.EqualTo("service_down"));
        Assert.That(_requests.Count(r => r.Path == "/base/broken"), Is.EqualTo(before));
    }

    [Test]
    public async Task Health_of_each_service_is_shown_and_its_change_is_told()
    {
        await using var events = await _host.FollowAsync("events?types=service_health_changed");
        var health = _host.Host.Services.GetRequiredService<ServiceHealth>();
        await _host.WhenAsync("services/health", h => (string?)h["services"]!["plain"]?["status"] == "healthy");
        _healthy = false;
        await health.CheckAsync(CancellationToken.None);
        var told = new[] { await events.NextAsync(), await events.NextAsync(), await events.NextAsync() };
        var shown = (await _host.SendAsync(HttpMethod.Get, "services/health")).Json!["services"]!;

        Assert.That(told.Select(t => (string?)t!.Data["service_name"]), Is.EquivalentTo(new[] { "ledger", "keyed", "plain" }));
        Assert.That((string?)shown["ledger"]!["status"], Is.EqualTo("unhealthy"));
        Assert.That((string?)shown["dox-validation-service"]!["status"], Is.EqualTo("healthy"));
        Assert.That(((JsonObject)shown["ledger"]!).Select(m => m.Key), Is.EqualTo(new[] { "status", "last_check", "response_time_ms", "error" }));
    }

    [Test]
    public async Task Rule_that_needs_a_service_doesnt_start_without_it()
    {
        await _host.StartRunAsync("careful");
        _healthy = false;
        await _host.Host.Services.GetRequiredService<ServiceHealth>().CheckAsync(CancellationToken.None);
        var (status, problem) = await _host.SendAsync(HttpMethod.Post, "workflows", new { rule_name = "careful" });

        Assert.That((int)status, Is.EqualTo(503));
        Assert.That((string?)problem!["code"], Is.EqualTo("condition_not_met"));
    }

    private async Task<JsonNode> CallAsync(string service, string method, string endpoint)
    {
        var run = await _host.StartRunAsync("call", new JsonObject { ["service"] = service, ["method"] = method, ["endpoint"] = endpoint });
        return await _host.WhenAsync($"workflows/{run}", w => (bool)w["completed"]!);
    }

    private async Task HandleAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        _requests.Enqueue((http.Request.Method, path, http.Request.Headers["Idempotency-Key"].ToString(), http.Request.Headers["X-API-Key"].ToString(), http.Request.Headers["traceparent"].ToString()));
        switch (path)
        {
            case "/base/entries":
                await http.Response.WriteAsJsonAsync(new { stored = (await http.Request.ReadFromJsonAsync<JsonObject>())!["amount"]!.GetValue<int>() });
                break;
            case "/base/flaky" when Interlocked.Decrement(ref _failures) >= 0:
            case "/base/broken":
                http.Response.StatusCode = 503;
                break;
            case "/base/redirect":
                http.Response.Redirect("/inside", permanent: false, preserveMethod: true);
                break;
            case "/base/huge":
                await http.Response.WriteAsync(new string('x', 100_000));
                break;
            case "/base/hang":
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "/base/refuse":
                http.Response.StatusCode = 422;
                await http.Response.WriteAsJsonAsync(new { code = "out_of_funds", detail = "There is nothing left." });
                break;
            case "/health" or "/base/health" when !_healthy:
                http.Response.StatusCode = 503;
                break;
        }
    }
}
