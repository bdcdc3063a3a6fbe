using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;

namespace Dox.Validation.Tests.Files;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
internal sealed class ValidateUploadTests(DatabaseProvider database)
{
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await ValidationHost.StartAsync(new DoxHostSetup
    {
        Database = database,
        Clamd = true,
        Services = services => services.Configure<PrometheusAspNetCoreOptions>(o => o.ScrapeResponseCacheDurationMilliseconds = 0),
    }.With(("MAX_FILE_SIZE_MB", "2")));

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_sound_file_gets_all_that_clients_rely_on([Values("/api/v1/validate/file", "/api/validate/file")] string path)
    {
        var pdf = TestFiles.Pdf();
        var (status, answer) = await PostAsync(path, pdf, "Ma\u0308rz.pdf");
        var result = answer["validation_result"]!;

        Assert.Multiple(() =>
        {
            Assert.That((status, (bool)answer["success"]!), Is.EqualTo((HttpStatusCode.OK, true)));
            Assert.That((string?)result["final_status"], Is.EqualTo("valid"));
            Assert.That((string?)result["original_filename"], Is.EqualTo("März.pdf"));
            Assert.That((string?)result["file_hash"], Is.EqualTo($"sha256:{Convert.ToHexStringLower(SHA256.HashData(pdf))}"));
            Assert.That((long)result["file_size"]!, Is.EqualTo(pdf.Length));
            Assert.That((string?)result["file_extension"], Is.EqualTo(".pdf"));
            Assert.That((string?)result["mime_type"], Is.EqualTo("application/pdf"));
            Assert.That(result["steps_completed"]!.AsArray().Select(s => (string?)s), Is.EqualTo(["file_size", "mime_type", "virus_scan", "rate_limit", "format_validation"]));
            Assert.That(result["steps_failed"]!.AsArray(), Is.Empty);
            Assert.That(result["errors"]!.AsArray(), Is.Empty);
            Assert.That((string?)result["virus_scan_result"]!["scan_result"], Is.EqualTo("clean"));
            Assert.That((string?)result["format_validation_result"]!["kind"], Is.EqualTo("pdf"));
            Assert.That((int)result["rate_limit_info"]!["user_limit"]!, Is.EqualTo(100));
            Assert.That(result.AsObject().Select(p => p.Key), Does.Contain("validation_timestamp").And.Contain("validation_duration").And.Contain("durations").And.Contain("warnings"));
            Assert.That(answer["timestamp"], Is.Not.Null);
        });
    }

    private static IEnumerable<TestCaseData<byte[], string, int, string, string>> Refusals()
    {
        yield return new([], "empty.pdf", 413, "size_exceeded", "file_empty") { TestName = "Refused: empty" };
        yield return new("just words"u8.ToArray(), "notes.pdf", 415, "mime_type_not_allowed", "extension_mismatch,content_type_not_allowed,format_unsupported") { TestName = "Refused: text named .pdf" };
        yield return new(TestFiles.Pdf(), "letter.docx", 415, "extension_not_allowed", "extension_not_allowed") { TestName = "Refused: PDF named .docx" };
        yield return new("%PDF-1.7\nnothing\n%%EOF"u8.ToArray(), "broken.pdf", 422, "format_invalid", "format_broken") { TestName = "Refused: broken PDF" };
        yield return new(
            TestFiles.WithAttachment("setup.exe", TestVirus.ToBytes()), "letter.exe.pdf", 415, "extension_not_allowed", "double_extension,infected,embedded_file")
        { TestName = "Refused: wrong in three steps" };
        yield return new(TestFiles.WithAttachment("notes.txt", TestVirus.ToBytes()), "letter.pdf", 422, "infected", "infected") { TestName = "Refused: infected" };
    }

    [TestCaseSource(nameof(Refusals))]
    public async Task Refused_with_its_own_status_and_all_that_is_wrong(byte[] content, string name, int status, string finalStatus, string codes)
    {
        var (answered, problem) = await PostAsync("/api/v1/validate/file", content, name);

        Assert.Multiple(() =>
        {
            Assert.That((int)answered, Is.EqualTo(status));
            Assert.That((string?)problem["code"], Is.EqualTo(finalStatus));
            Assert.That((bool)problem["success"]!, Is.False);
            Assert.That((string?)problem["validation_result"]!["final_status"], Is.EqualTo(finalStatus));
            Assert.That(string.Join(',', problem["errors"]!.AsArray().Select(e => (string?)e!["code"])), Is.EqualTo(codes));
        });
    }

    [Test]
    public async Task The_limit_is_exact_to_the_byte([Values] bool chunked)
    {
        var pdf = TestFiles.Pdf();
        byte[] largest = [.. pdf, .. new byte[(2 * 1024 * 1024) - pdf.Length]];

        Assert.That((await PostAsync("/api/v1/validate/file", largest, "a.pdf", chunked)).Status, Is.EqualTo(HttpStatusCode.OK));
        var (status, problem) = await PostAsync("/api/v1/validate/file", [.. largest, 0], "a.pdf", chunked);
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.RequestEntityTooLarge, "file_too_large")));
    }

    [Test]
    public async Task It_keeps_nothing()
    {
        var before = (await DocumentsAsync(), Files());
        await PostAsync("/api/v1/validate/file", TestFiles.Pdf(), "a.pdf");
        await PostAsync("/api/v1/validate/file", TestFiles.Pdf(), "a.exe");
        await PostAsync("/api/v1/validate/scan", TestFiles.Pdf(), "a.pdf");

        Assert.That((await DocumentsAsync(), Files()), Is.EqualTo(before));

        int Files() => Directory.EnumerateFiles(Path.Combine(_host.DataFolder, "content"), "*", SearchOption.AllDirectories).Count();
        Task<int> DocumentsAsync() => _host.InDb((ValidationDbContext db) => db.RateLimitEntries.CountAsync(e => e.Quota == Quota.Documents));
    }

    [Test]
    public async Task A_file_that_is_refused_anyway_costs_nothing_of_the_quota()
    {
        var caller = new SharedKernel.Access.Caller($"user-{database}", $"account-{database}", [SharedKernel.Access.Role.Submitter], []);
        await _host.SendAsync(new ValidateFile(await _host.StageAsync(TestFiles.Pdf(), "a.exe")), caller);
        var refused = await _host.SendAsync(new GetIntakePolicy(), caller);
        await _host.SendAsync(new ValidateFile(await _host.StageAsync(TestFiles.Pdf(), "a.pdf")), caller);
        var taken = await _host.SendAsync(new GetIntakePolicy(), caller);

        Assert.That((refused.RateLimit.UserCount, taken.RateLimit.UserCount), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task A_scan_says_what_the_scanner_says()
    {
        var (clean, answer) = await PostAsync("/api/v1/validate/scan", TestFiles.Pdf(), "a.pdf");
        var (infected, problem) = await PostAsync("/api/validate/scan", TestVirus.ToBytes(), "a.bin");

        Assert.Multiple(() =>
        {
            Assert.That((clean, (bool)answer["success"]!, (string?)answer["scan_result"]!["scan_result"]), Is.EqualTo((HttpStatusCode.OK, true, "clean")));
            Assert.That(
                answer["scan_result"]!.AsObject().Select(p => p.Key),
                Is.SupersetOf(new[] { "scan_result", "scan_time", "scanner", "file_hash", "file_size", "threat_name", "timestamp" }));
            Assert.That((infected, (string?)problem["code"], (string?)problem["scan_result"]!["scan_result"]), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "infected", "infected")));
            Assert.That((string?)problem["scan_result"]!["threat_name"], Does.Contain(TestVirus.Name));
            Assert.That(((bool)problem["success"]!, answer["timestamp"] is not null), Is.EqualTo((false, true)));
        });
    }

    [Test]
    public async Task A_path_on_the_server_is_not_scanned()
    {
        var response = await _host.Client.PostAsJsonAsync("/api/v1/validate/scan", new { file_path = "/etc/passwd" });

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((string?)(await response.Content.ReadFromJsonAsync<JsonNode>())!["code"], Is.EqualTo("file_missing"));
    }

    [Test]
    public async Task The_quota_and_the_configuration_can_be_asked([Values("/api/v1", "/api")] string root)
    {
        var rate = (await (await _host.Client.PostAsync($"{root}/validate/rate-check", null)).Content.ReadFromJsonAsync<JsonNode>())!;
        var answer = (await _host.Client.GetFromJsonAsync<JsonNode>($"{root}/validate/config"))!;
        var config = answer["config"]!;

        Assert.Multiple(() =>
        {
            Assert.That(((bool)rate["success"]!, (bool)rate["within_limit"]!, rate["timestamp"] is not null), Is.EqualTo((true, true, true)));
            Assert.That(
                rate["rate_limit_info"]!.AsObject().Select(p => p.Key),
                Is.SupersetOf(new[] { "within_limit", "window_hours", "user_count", "user_limit", "account_count", "account_limit", "violation", "timestamp" }));
            Assert.That(((bool)answer["success"]!, answer["timestamp"] is not null), Is.EqualTo((true, true)));
            Assert.That((int)config["validation"]!["max_file_size_mb"]!, Is.EqualTo(2));
            Assert.That(config["clamav"]!.AsObject().Select(p => p.Key), Is.SupersetOf(new[] { "enabled", "host", "port", "timeout", "max_file_size" }));
            Assert.That(config["rate_limiting"]!.AsObject().Select(p => p.Key), Is.SupersetOf(new[] { "per_user_per_day", "per_account_per_day", "window_hours" }));
            Assert.That(config["service"]!.AsObject().Select(p => p.Key), Is.EquivalentTo(new[] { "name", "version" }));
        });
    }

    [Test]
    public async Task Metrics_are_there_before_anything_happened_and_count_what_does()
    {
        Assert.That(await CountAsync("rate_limit_hits_total", "scope=\"account\""), Is.Zero);
        var before = await CountAsync("validation_scan_total", "result=\"infected\"");
        var rejected = await CountAsync("validation_rejected_total", "rule=\"infected\"");

        await PostAsync("/api/v1/validate/file", TestFiles.WithAttachment("other.txt", TestVirus.ToBytes()), "a.pdf");

        Assert.That(await CountAsync("validation_scan_total", "result=\"infected\""), Is.GreaterThan(before));
        Assert.That(await CountAsync("validation_rejected_total", "rule=\"infected\""), Is.GreaterThan(rejected));
        Assert.That(await CountAsync("validation_duration_seconds_count", "step=\"format_validation\""), Is.Positive);
        Assert.That(await CountAsync("scanner_selftest_ok", ""), Is.EqualTo(1));
        Assert.That(await CountAsync("scanner_signature_version", ""), Is.GreaterThanOrEqualTo(0));
        Assert.That(await CountAsync("validation_unscanned_backlog", ""), Is.Zero);
        Assert.That(await CountAsync("validation_rescan_total", "result=\"infected\""), Is.Zero);
        Assert.That(await CountAsync("document_reader_duration_seconds_count", "outcome=\"Ok\""), Is.Positive);
        Assert.That(await CountAsync("document_reader_processes_started_total", ""), Is.Positive);
    }

    [Test]
    public async Task Metrics_tell_how_near_the_limits_somebody_is_and_whom_they_held_back()
    {
        var hits = await CountAsync("rate_limit_hits_total", "scope=\"user\"");
        var caller = new SharedKernel.Access.Caller($"eager-{database}", $"eager-{database}", [SharedKernel.Access.Role.Submitter], []);
        StepResult result;
        do result = await _host.SendAsync(new CheckRateLimit(await _host.StageAsync(TestFiles.Pdf())), caller);
        while (result.Passed);

        Assert.That(result.RateLimit!.Violation, Is.EqualTo("user"));
        Assert.That(await CountAsync("rate_limit_hits_total", "scope=\"user\""), Is.EqualTo(hits + 1));
        Assert.That(await CountAsync("rate_limit_usage_ratio", "scope=\"user\""), Is.EqualTo(1));
        Assert.That(await CountAsync("rate_limit_usage_ratio", "scope=\"account\""), Is.EqualTo(0.2).Within(0.001));
    }

    [Test]
    public async Task Each_step_has_a_span()
    {
        await PostAsync("/api/v1/validate/file", TestFiles.Pdf(), "a.pdf");

        Assert.That(
            _host.Spans.Select(s => s.DisplayName),
            Is.SupersetOf(new[] { "file_size", "mime_type", "virus_scan", "rate_limit", "format_validation" }.Select(step => $"validate {step}")));
    }

    private async Task<double> CountAsync(string metric, string label)
    {
        var text = await _host.Client.GetStringAsync("/metrics");
        var line = text.Split('\n').LastOrDefault(l => l.StartsWith(metric, StringComparison.Ordinal) && l.Contains(label, StringComparison.Ordinal));
        Assert.That(line, Is.Not.Null, $"{metric}{{{label}}} in\n{text}");
        return double.Parse(line!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(string path, byte[] content, string name, bool chunked = false)
    {
        using var part = new ByteArrayContent(content);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent { { part, "file", name } };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await _host.Client.SendAsync(request);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }
}
