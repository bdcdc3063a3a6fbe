using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Infrastructure.Transport.Redis;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using Dox.Validation.Contracts;
using Dox.Validation.Scanning;
using Dox.Validation.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Validation.Tests.Scanning;

internal sealed class VirusScanTests
{
    [Test]
    public async Task A_real_scanner_tells_clean_infected_and_unscannable_apart()
    {
        await using var host = await ValidationHost.StartAsync(new DoxHostSetup { Clamd = true });

        var clean = await ScanAsync(host, TestFiles.Pdf());
        var infected = await ScanAsync(host, TestFiles.WithAttachment("delivery.txt", TestVirus.ToBytes()));
        var nested = TestVirus.ToBytes();
        for (var i = 0; i < 20; i++) nested = TestFiles.Zip($"{i}", nested);
        var unscannable = await ScanAsync(host, nested);

        Assert.Multiple(() =>
        {
            Assert.That((clean.Passed, clean.VirusScan!.ScanResult, clean.VirusScan.ThreatName), Is.EqualTo((true, ScanVerdict.Clean, (string?)null)));
            Assert.That(clean.VirusScan!.Scanner, Does.StartWith("ClamAV "));
            Assert.That((infected.HttpStatus, infected.Status, infected.VirusScan!.ScanResult), Is.EqualTo((422, FinalStatus.Infected, ScanVerdict.Infected)));
            Assert.That(infected.VirusScan!.ThreatName, Does.Contain(TestVirus.Name));
            Assert.That(infected.Findings[0].Evidence, Does.Contain(TestVirus.Name));
            Assert.That((unscannable.HttpStatus, unscannable.Status, unscannable.VirusScan!.ScanResult), Is.EqualTo((422, FinalStatus.Unscannable, ScanVerdict.Unscannable)));
        });
        var health = (await host.Client.GetFromJsonAsync<JsonNode>("/health"))!;
        Assert.That(new[] { "clamav", "file_validator", "rate_limiter" }.Select(part => (string?)health["components"]![part]), Has.All.EqualTo("healthy"));
    }

    [TestCase("true", false, 503)]
    [TestCase("auto", true, 200)]
    [TestCase("false", true, 200)]
    public async Task Without_a_scanner_only_what_the_configuration_lets_through_passes(string mode, bool passes, int status)
    {
        await using var absent = new FakeClamd();
        await absent.StopListeningAsync();
        await using var host = await StartAsync(absent, mode);

        var result = await ScanAsync(host, TestFiles.Pdf());

        Assert.That((result.Passed, result.HttpStatus, result.VirusScan!.ScanResult, result.VirusScan.Scanner), Is.EqualTo((passes, status, ScanVerdict.NotScanned, "none")));
        Assert.That((passes ? result.Warnings : result.Findings).Select(f => f.Code), Is.EqualTo([passes ? "not_scanned" : "scanner_unavailable"]));
    }

    [TestCase("stopped", "There is no scanner")]
    [TestCase("slow", "doesn't answer within 1 s")]
    [TestCase("garbage", "isn't clamd, or is broken")]
    [TestCase("closing", "drops the connection|closes the connection without an answer")]
    [TestCase("closing mid-stream", "drops the connection|closes the connection")]
    [TestCase("fails", "doesn't find the test virus")]
    [TestCase("blind", "doesn't find the test virus")]
    [TestCase("limits under ours", "limits are under ours")]
    public async Task Health_says_what_is_wrong_with_a_scanner_and_nothing_is_taken_unscanned(string trouble, string says)
    {
        await using var clamd = new FakeClamd();
        var judge = clamd.Judge;
        switch (trouble)
        {
            case "stopped":
                await clamd.StopListeningAsync();
                break;
            case "slow":
                clamd.Hijack = (_, cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
                break;
            case "garbage":
                clamd.Hijack = async (socket, cancellationToken) => await socket.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n\0"u8.ToArray(), cancellationToken);
                break;
            case "closing":
                clamd.Hijack = (_, _) => Task.CompletedTask;
                break;
            case "closing mid-stream":
                clamd.Cut = 32 * 1024;
                break;
            case "fails":
                clamd.Judge = _ => "stream: Can't open file ERROR\0";
                break;
            case "blind":
                clamd.Judge = _ => "stream: OK\0";
                break;
            default:
                clamd.Judge = content => content.Length > 1 << 20 ? "INSTREAM size limit exceeded. ERROR\0" : judge(content);
                break;
        }

        await using var host = await StartAsync(clamd, "true", settings: [("Dox:Validation:ClamAv:ConnectSeconds", "1"), ("MAX_FILE_SIZE_MB", "2")]);
        var result = await ScanAsync(host, TestFiles.Pdf());
        var health = await (await host.Client.GetAsync("/health")).Content.ReadFromJsonAsync<JsonNode>();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((result.HttpStatus, result.VirusScan!.ScanResult), Is.EqualTo((503, ScanVerdict.NotScanned)));
            Assert.That((string?)health!["components"]!["clamav"], Is.EqualTo("degraded"));
            Assert.That((string?)health["details"]!["clamav"]!["description"], Does.Match(says).And.Not.Contain("127.0.0.1"), "told to everybody");
        }
    }

    [Test]
    public async Task Health_finds_nothing_wrong_where_no_scanner_is_wanted()
    {
        await using var absent = new FakeClamd();
        await absent.StopListeningAsync();
        await using var host = await StartAsync(absent, "false");

        var health = await host.Client.GetFromJsonAsync<JsonNode>("/health");

        Assert.That((string?)health!["components"]!["clamav"], Is.EqualTo("healthy"));
    }

    [Test]
    public async Task A_scanner_that_fails_its_self_test_is_not_believed([Values("true", "auto")] string mode)
    {
        await using var blind = new FakeClamd { Judge = _ => "stream: OK\0" };
        await using var host = await StartAsync(blind, mode);

        var result = await ScanAsync(host, TestVirus.ToBytes());

        Assert.That(result.VirusScan!.ScanResult, Is.EqualTo(ScanVerdict.NotScanned));
        Assert.That(result.Passed, Is.EqualTo(mode == "auto"));
    }

    [Test]
    public async Task A_file_that_the_scanner_breaks_at_does_not_pass_for_unscanned([Values("true", "auto")] string mode, [Values("", "rubbish\0", "stream: lstat() failed ERROR\0")] string reply)
    {
        await using var fragile = new FakeClamd();
        var judge = fragile.Judge;
        fragile.Judge = content => content.AsSpan().IndexOf("fragile"u8) >= 0 ? reply : judge(content);
        await using var host = await StartAsync(fragile, mode);

        var result = await ScanAsync(host, "a fragile file"u8.ToArray());

        Assert.That((result.HttpStatus, result.VirusScan!.ScanResult), Is.EqualTo((422, ScanVerdict.Unscannable)));
    }

    [Test]
    public async Task A_verdict_is_remembered_until_the_signatures_change()
    {
        await using var clamd = new FakeClamd();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await StartAsync(clamd, "true", clock);
        var content = Encoding.ASCII.GetBytes("the same bytes");
        int Scans() => clamd.Scanned.Count(s => s.AsSpan().SequenceEqual(content));

        await ScanAsync(host, content);
        await ScanAsync(host, content);
        Assert.That(Scans(), Is.EqualTo(1));

        clamd.Version = "ClamAV 1.4.6/27813/Wed Nov 25 09:26:11 2026";
        clock.Advance(TimeSpan.FromMinutes(2));
        var again = await ScanAsync(host, content);
        Assert.That((Scans(), again.VirusScan!.SignatureVersion), Is.EqualTo((2, "27813")));
    }

    [Test]
    public async Task A_verdict_is_shared_over_redis_and_not_missed_when_that_is_gone()
    {
        await using var redis = await RedisServer.StartPrivateAsync();
        await using var clamd = new FakeClamd();
        (string, string)[] settings = [("REDIS_HOST", redis.Host), ("REDIS_PORT", $"{redis.Port}"), ("REDIS_PASSWORD", redis.Password ?? "")];
        await using var one = await StartAsync(clamd, "true", settings: settings);
        await using var two = await StartAsync(clamd, "true", settings: settings);
        var content = Encoding.ASCII.GetBytes("scanned by one, known to both");

        await ScanAsync(one, content);
        // Told behind the answer, which doesn't wait for it
        var told = await one.Services.GetRequiredService<RedisConnections>().SharedAsync();
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)))
        using (var look = new PeriodicTimer(TimeSpan.FromMilliseconds(10)))
        {
            while ((await told.ExecuteAsync("KEYS", "*dox/validation/scan/*")).Length == 0) await look.WaitForNextTickAsync(limit.Token);
        }

        var known = await ScanAsync(two, content);
        await redis.KillAsync();
        var other = await ScanAsync(two, "scanned without redis"u8.ToArray());

        Assert.That(clamd.Scanned.Count(s => s.AsSpan().SequenceEqual(content)), Is.EqualTo(1));
        Assert.That((known.VirusScan!.ScanResult, other.VirusScan!.ScanResult), Is.EqualTo((ScanVerdict.Clean, ScanVerdict.Clean)));
    }

    [Test]
    public async Task A_scanner_that_comes_back_is_tested_and_used()
    {
        await using var clamd = new FakeClamd();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await clamd.StopListeningAsync();
        await using var host = await StartAsync(clamd, "true", clock);
        Assert.That((await ScanAsync(host, TestFiles.Pdf())).HttpStatus, Is.EqualTo(503));

        clamd.ListenAgain();
        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.That((await ScanAsync(host, TestFiles.Pdf())).VirusScan!.ScanResult, Is.EqualTo(ScanVerdict.Clean));

        await clamd.StopListeningAsync();
        Assert.That((await ScanAsync(host, TestFiles.Image(SkiaSharp.SKEncodedImageFormat.Png))).HttpStatus, Is.EqualTo(503));
    }

    [Test]
    public async Task A_scanner_that_goes_blind_is_found_out_by_the_hourly_test()
    {
        await using var clamd = new FakeClamd();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await StartAsync(clamd, "true", clock);
        Assert.That((await ScanAsync(host, TestFiles.Pdf())).VirusScan!.ScanResult, Is.EqualTo(ScanVerdict.Clean));

        clamd.Judge = _ => "stream: OK\0";
        clock.Advance(TimeSpan.FromHours(1));

        Assert.That((await ScanAsync(host, TestFiles.Image(SkiaSharp.SKEncodedImageFormat.Png))).HttpStatus, Is.EqualTo(503));
    }

    [Test]
    public async Task Production_needs_a_scanner_and_development_does_not_unless_told()
    {
        await using var host = await ValidationHost.StartAsync(new DoxHostSetup().With(("Dox:Validation:ClamAv:Enabled", "")));

        Assert.That(host.Services.GetRequiredService<ScannerWatch>().Mode, Is.EqualTo(ScannerMode.Auto));
    }

    private static Task<DoxHostFixture> StartAsync(FakeClamd clamd, string mode, FakeTimeProvider? clock = null, params (string, string)[] settings) =>
        ValidationHost.StartAsync(new DoxHostSetup { Clock = clock }.With(
            [("CLAMAV_ENABLED", mode), ("CLAMAV_HOST", "127.0.0.1"), ("CLAMAV_PORT", $"{clamd.Port}"), .. settings]));

    private static async Task<StepResult> ScanAsync(DoxHostFixture host, byte[] content) => await host.SendAsync(new ScanForViruses(await host.StageAsync(content)));
}
