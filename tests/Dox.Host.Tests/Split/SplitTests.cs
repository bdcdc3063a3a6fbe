using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.Testing.Processes;
using Dox.Testing.Servers;

namespace Dox.Host.Tests.Split;

/// <summary>The four modules in four processes on PostgreSQL, with nothing between them but Redis.</summary>
public sealed class SplitTests
{
    private static readonly string[] s_modules = ["Orchestration", "Validation", "TemplateMatching", "TeamCoordination"];

    private readonly Dictionary<string, HostProcess> _processes = new(StringComparer.Ordinal);
    private DirectoryInfo _folder = null!;
    private SpanCollector _collector = null!;

    private HttpClient Documents => _processes["Orchestration"].Client;

    private HttpClient Reviews => _processes["TeamCoordination"].Client;

    [OneTimeSetUp]
    public async Task StartFourProcesses()
    {
        _folder = Directory.CreateTempSubdirectory("dox-split-");
        _collector = await SpanCollector.StartAsync();
        var redis = await RedisServer.SharedAsync();
        var shared = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["DOX_DATA_PATH"] = _folder.FullName,
            ["Dox__Database__ConnectionString"] = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync(),
            ["Dox__Transport__Kind"] = "Redis",
            ["REDIS_HOST"] = redis.Host,
            ["REDIS_PORT"] = redis.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["REDIS_PASSWORD"] = redis.Password,
            ["Dox__Redis__Prefix"] = RedisServer.NewPrefix(),
            ["CLAMAV_ENABLED"] = "false",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        };
        foreach (var module in s_modules)
        {
            _processes[module] = await HostProcess.StartAsync(new Dictionary<string, string?>(shared, StringComparer.Ordinal)
            {
                ["Dox__Modules__0"] = module,
                ["SERVICE_NAME"] = $"dox-{module.ToLowerInvariant()}",
            });
        }
    }

    [OneTimeTearDown]
    public async Task StopThem()
    {
        foreach (var process in _processes.Values) await process.DisposeAsync();
        await _collector.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task A_document_goes_all_the_way_through_four_processes()
    {
        var (status, accepted) = await Documents.SendAsync(SampleLibrary.Invoice(7, TimeProvider.System));

        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), accepted.ToString());
        var end = await Documents.AtRestAsync((string)accepted["document_id"]!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)end["status"], Is.EqualTo("completed"), end.ToString());
            Assert.That((string?)end["template_id"], Does.StartWith(SampleLibrary.InvoiceFamily));
        }
    }

    [Test]
    public async Task A_refusal_comes_back_from_the_other_process_with_all_that_is_wrong()
    {
        var (status, problem) = await Documents.SendAsync(SampleLibrary.TextNamedPdf(TimeProvider.System));

        Assert.That(status, Is.EqualTo(HttpStatusCode.UnsupportedMediaType), problem.ToString());
        Assert.That(problem["errors"]!.AsArray().Select(e => (string?)e!["step"]), Does.Contain("mime_type"));
    }

    [Test]
    public async Task A_decision_in_one_process_lets_the_run_in_another_go_on()
    {
        var (_, accepted) = await Documents.SendAsync(SampleLibrary.EarlierInvoice(11, TimeProvider.System));
        var document = (string)accepted["document_id"]!;
        var waiting = await Documents.AtRestAsync(document);
        Assert.That((string?)waiting["status"], Is.EqualTo("in_review"), waiting.ToString());

        var review = await ReviewOfAsync(document);
        using var approved = await Reviews.PostAsJsonAsync(
            $"/api/v1/reviews/{review}/approve", new { template_id = (string?)waiting["waiting_for"]?["data"]?["evidence"]?["recognition"]?["template_matched"]?["template_id"] });
        Assert.That(approved.StatusCode, Is.EqualTo(HttpStatusCode.OK), await approved.Content.ReadAsStringAsync());

        var end = await WhenNotAsync(document, "in_review");
        Assert.That((string?)end["status"], Is.EqualTo("completed"), end.ToString());
    }

    [Test]
    public async Task One_trace_crosses_the_processes()
    {
        var (_, accepted) = await Documents.SendAsync(SampleLibrary.Claim(21, TimeProvider.System));
        await Documents.AtRestAsync((string)accepted["document_id"]!);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!TracesWithAllProcesses().Any())
        {
            Assert.That(limit.IsCancellationRequested, Is.False, string.Join('\n', _collector.Spans.GroupBy(s => s.TraceId, StringComparer.Ordinal).Select(t => $"{t.Key}: {string.Join(", ", t.Select(s => $"{s.Service}/{s.Name}"))}")));
            await look.WaitForNextTickAsync();
        }

        Assert.That(TracesWithAllProcesses(), Is.Not.Empty);
    }

    [Test]
    public async Task Health_tells_how_the_modules_of_the_other_processes_fare()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        string[] wanted = ["validation", "template_matching", "team_coordination", "file_validator", "clamav", "rate_limiter"];
        while (true)
        {
            var components = (await Documents.GetJsonAsync("/health"))["components"]!.AsObject();
            if (wanted.All(name => (string?)components[name] == "healthy")) break;
            Assert.That(limit.IsCancellationRequested, Is.False, components.ToJsonString());
            await look.WaitForNextTickAsync();
        }

        var there = (await Reviews.GetJsonAsync("/health"))["components"]!.AsObject();
        Assert.That(there.Select(c => c.Key), Does.Contain("orchestration").And.Contain("workflow_engine").And.Not.Contain("team_coordination"));
    }

    private IEnumerable<string> TracesWithAllProcesses() =>
        _collector.Spans.GroupBy(s => s.TraceId, StringComparer.Ordinal)
            .Where(trace => s_modules.All(m => trace.Any(s => s.Service.Contains(m, StringComparison.OrdinalIgnoreCase))))
            .Select(trace => trace.Key);

    private async Task<string> ReviewOfAsync(string document)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var reviews = await Reviews.GetJsonAsync($"/api/v1/reviews?document_id={document}");
            if (reviews["reviews"]!.AsArray() is [var review, ..]) return (string)review!["review_id"]!;
            Assert.That(limit.IsCancellationRequested, Is.False, "The review was opened.");
            await look.WaitForNextTickAsync();
        }
    }

    private async Task<JsonNode> WhenNotAsync(string document, string status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var now = await Documents.AtRestAsync(document);
            if ((string?)now["status"] != status || limit.IsCancellationRequested) return now;
            await look.WaitForNextTickAsync();
        }
    }
}
