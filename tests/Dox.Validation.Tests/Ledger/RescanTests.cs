using System.Security.Cryptography;
using System.Text;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.Ledger;
using Dox.Validation.Quarantine;
using Dox.Validation.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Validation.Tests.Ledger;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
internal sealed class RescanTests(DatabaseProvider database)
{
    private const string Newer = "ClamAV 1.4.6/27813/Wed Nov 25 09:26:11 2026";

    [Test]
    public async Task What_passed_unscanned_is_scanned_when_a_scanner_comes()
    {
        await using var clamd = new FakeClamd();
        await clamd.StopListeningAsync();
        await using var host = await StartAsync(clamd, "auto");
        var (clean, evil, staged) = (await AcceptAsync(host, "harmless"), await AcceptAsync(host, "evil"), await host.StageAsync("not decided"u8.ToArray()));
        Assert.That((await host.SendAsync(new ScanForViruses(staged))).VirusScan!.ScanResult, Is.EqualTo(ScanVerdict.NotScanned));
        var rescan = host.Services.GetRequiredService<Rescan>();
        Assert.That(await rescan.RunAsync(CancellationToken.None), Is.Zero);
        Assert.That(rescan.Backlog, Is.EqualTo(3));

        FindEvil(clamd);
        clamd.ListenAgain();
        await ReadyAsync(host);
        await rescan.RunAsync(CancellationToken.None);
        await rescan.RunAsync(CancellationToken.None);

        Assert.That((await RecordAsync(host, clean)).State, Is.EqualTo(ContentState.Accepted));
        Assert.That((await RecordAsync(host, clean)).Verdict, Is.EqualTo(ScanVerdict.Clean));
        Assert.That((await RecordAsync(host, evil)).State, Is.EqualTo(ContentState.Quarantined));
        Assert.That((await RecordAsync(host, staged)).Verdict, Is.EqualTo(ScanVerdict.NotScanned), "nobody let it in yet");
        Assert.That(rescan.Backlog, Is.EqualTo(1));
    }

    [Test]
    public async Task New_signatures_find_what_old_ones_let_in_and_its_bytes_go_out_of_reach()
    {
        await using var clamd = new FakeClamd();
        await using var host = await StartAsync(clamd, "true");
        var (clean, evil) = (await AcceptAsync(host, "harmless"), await AcceptAsync(host, "evil"));
        var rescan = host.Services.GetRequiredService<Rescan>();
        Assert.That(await rescan.RunAsync(CancellationToken.None), Is.Zero, "nothing changed");

        FindEvil(clamd);
        clamd.Version = Newer;
        await ReadyAsync(host);
        Assert.That(await rescan.RunAsync(CancellationToken.None), Is.EqualTo(2));
        Assert.That(await rescan.RunAsync(CancellationToken.None), Is.Zero, "once for each change");

        var store = host.Services.GetRequiredService<IContentStore>();
        await using (await store.OpenAsync(clean.Sha256, CancellationToken.None)) Assert.That((await RecordAsync(host, clean)).Scanner, Is.EqualTo(Newer));
        Assert.That(() => store.OpenAsync(evil.Sha256, CancellationToken.None), Throws.InstanceOf<DoxException>().With.Property(nameof(DoxException.Status)).EqualTo(404));
        var entry = await host.InDb((ValidationDbContext db) => db.Quarantine.SingleAsync());
        Assert.That((entry.Sha256, entry.WasAccepted, entry.Threat, entry.SignatureVersion), Is.EqualTo((evil.Sha256, true, "Evil", "27813")));
    }

    [Test]
    public async Task What_is_released_can_be_read_again_and_is_left_alone()
    {
        await using var clamd = new FakeClamd();
        await using var host = await StartAsync(clamd, "true", ("Dox:Validation:Quarantine:FourEyes", "false"));
        var evil = await AcceptAsync(host, "evil");
        FindEvil(clamd);
        clamd.Version = Newer;
        await ReadyAsync(host);
        var rescan = host.Services.GetRequiredService<Rescan>();
        await rescan.RunAsync(CancellationToken.None);
        var id = (await host.InDb((ValidationDbContext db) => db.Quarantine.SingleAsync())).Id;

        await host.SendAsync(new DecideQuarantine.Release(id, "a false alarm"));
        clamd.Version = "ClamAV 1.4.6/27814/Thu Nov 26 09:26:11 2026";
        await ReadyAsync(host);
        Assert.That(await rescan.RunAsync(CancellationToken.None), Is.Zero);

        await using var back = await host.Services.GetRequiredService<IContentStore>().OpenAsync(evil.Sha256, CancellationToken.None);
        Assert.That(Convert.ToHexStringLower(await SHA256.HashDataAsync(back)), Is.EqualTo(evil.Sha256));
    }

    [Test]
    public async Task A_scanner_that_goes_away_in_between_loses_nothing()
    {
        await using var clamd = new FakeClamd();
        await using var host = await StartAsync(clamd, "true");
        var files = new List<SubmittedFile>();
        for (var i = 0; i < 5; i++) files.Add(await AcceptAsync(host, $"letter {i}"));
        var judge = clamd.Judge;
        clamd.Version = Newer;
        await ReadyAsync(host);
        clamd.Judge = content => content.AsSpan().StartsWith("letter"u8) ? "" : judge(content);
        var rescan = host.Services.GetRequiredService<Rescan>();
        await clamd.StopListeningAsync();
        Assert.That(await rescan.RunAsync(CancellationToken.None), Is.Zero);
        Assert.That(await host.InDb((ValidationDbContext db) => db.Contents.CountAsync(c => c.Due != null)), Is.EqualTo(5));
    }

    [Test]
    public async Task Many_scans_at_once_are_all_kept()
    {
        await using var clamd = new FakeClamd();
        await using var host = await StartAsync(clamd, "true");
        var ledger = host.Services.GetRequiredService<ContentLedger>();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => ledger.NoteAsync(
            new ScannedContent(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{i % 250}"))), i, "application/pdf", ScanVerdict.Clean, "ClamAV"), CancellationToken.None)));

        Assert.That(await host.InDb((ValidationDbContext db) => db.Contents.CountAsync()), Is.EqualTo(250));
    }

    private Task<DoxHostFixture> StartAsync(FakeClamd clamd, string mode, params (string Key, string Value)[] more) =>
        ValidationHost.StartAsync(new DoxHostSetup { Database = database, Clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow()) }.With([
            ("CLAMAV_ENABLED", mode), ("CLAMAV_HOST", "127.0.0.1"), ("CLAMAV_PORT", $"{clamd.Port}"), ("Dox:Validation:ClamAv:RescansPerMinute", "1000000"), .. more]));

    // What the hourly look would notice, now
    private static async Task ReadyAsync(DoxHostFixture host)
    {
        var watch = host.Services.GetRequiredService<Validation.Scanning.ScannerWatch>();
        var state = await watch.TestAsync(watch.Last, CancellationToken.None);
        Assert.That(state.IsReady, Is.True, string.Join(' ', state.Problems));
    }

    private static void FindEvil(FakeClamd clamd)
    {
        var judge = clamd.Judge;
        clamd.Judge = content => content.AsSpan().StartsWith("evil"u8) ? "stream: Evil FOUND\0" : judge(content);
    }

    private static async Task<SubmittedFile> AcceptAsync(DoxHostFixture host, string text)
    {
        var file = await host.StageAsync(Encoding.ASCII.GetBytes(text));
        Assert.That((await host.SendAsync(new ScanForViruses(file))).Passed, Is.True);
        await host.Services.GetRequiredService<IContentStore>().AcceptAsync(new DocumentRef(file.Id, file.Sha256, file.Length, file.MediaType), CancellationToken.None);
        return file;
    }

    private static Task<ContentRecord> RecordAsync(DoxHostFixture host, SubmittedFile file) =>
        host.InDb((ValidationDbContext db) => db.Contents.AsNoTracking().SingleAsync(c => c.Sha256 == file.Sha256));
}
