using Dox.SharedKernel.Tests.Reading;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using Dox.Validation.Contracts;
using Dox.Validation.Tests.Hosting;

namespace Dox.Validation.Tests.Scanning;

internal sealed class ExpansionGuardTests
{
    private FakeClamd _clamd = null!;
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _clamd = new FakeClamd();
        _host = await ValidationHost.StartAsync(new DoxHostSetup().With(("Dox:DocumentReader:TimeLimit", "00:00:02"), ("CLAMAV_ENABLED", "true"), ("CLAMAV_HOST", "127.0.0.1"), ("CLAMAV_PORT", $"{_clamd.Port}")));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        await _clamd.DisposeAsync();
    }

    private static IEnumerable<TestCaseData<Func<byte[]>>> Refused()
    {
        TestCaseData<Func<byte[]>> Case(string name, Func<byte[]> make) => new TestCaseData<Func<byte[]>>(make).SetArgDisplayNames(name);
        yield return Case("a gigabyte as zip", () => Bombs.Zip(Bombs.Gigabyte));
        yield return Case("a gigabyte as gzip", () => Bombs.Gzip(Bombs.Gigabyte));
        yield return Case("a gigabyte as a PDF's stream", () => Bombs.Pdf(Bombs.Gigabyte));
        yield return Case("a bomb in a zip in a zip", () => Bombs.Nested(Bombs.Zip(300 << 20), 2));
        yield return Case("a bomb in a gzip in a zip", () => TestFiles.Zip("a.gz", Bombs.Gzip(300 << 20)));
        yield return Case("a bomb in a PDF's attachment", () => TestFiles.WithAttachment("a.zip", Bombs.Zip(300 << 20)));
        yield return Case("a bomb behind a PDF", () => [.. TestFiles.Pdf(), .. Bombs.Zip(300 << 20)]);
        yield return Case("a bomb that a PDF's cross-reference leaves out", () => HostilePdf.LooseBomb(300 << 20));
        yield return Case("a bomb in a PDF that doesn't open", () => HostilePdf.Ruin("/Filter/FlateDecode", HostilePdf.Zeros(300 << 20)));
        yield return Case("an archive in a PDF that doesn't open", () => HostilePdf.Ruin("", Bombs.Zip(300 << 20)));
        yield return Case("a deflated archive in a PDF that doesn't open", () => HostilePdf.Ruin("/Filter/FlateDecode", TestPdf.Deflated([.. "Rar!\x1a\x07\x01\x00"u8, 1, 2, 3])));
        yield return Case("a PDF that its reader crashes at", HostilePdf.StackEater);
        yield return Case("a PDF that its reader doesn't get to the end of", HostilePdf.Endless);
        yield return Case("entries that overlap", () => Bombs.OverlappingZip(500));
        yield return Case("sizes that lie", () => Bombs.LyingZip(1 << 20, 10));
        yield return Case("sizes that lie in a bomb", () => Bombs.LyingZip(300 << 20, 10));
        yield return Case("two directories", Bombs.TwoFacedZip);
        yield return Case("20 zips deep", () => Bombs.Nested(TestVirus.ToBytes(), 20));
        yield return Case("an encrypted zip", () => Bombs.EncryptedZip(TestVirus.ToBytes()));
        yield return Case("an encrypted zip in a PDF", () => TestFiles.WithAttachment("a.zip", Bombs.EncryptedZip(TestVirus.ToBytes())));
        yield return Case("a zip without its directory", () => TestFiles.Zip("a", TestVirus.ToBytes())[..60]);
        yield return Case("an archive that nobody here opens", () => [.. "Rar!\x1a\x07\x01\x00"u8, 1, 2, 3]);
    }

    [TestCaseSource(nameof(Refused))]
    public async Task What_cannot_be_measured_or_is_too_much_is_never_sent_to_the_scanner(Func<byte[]> make)
    {
        var file = make();
        var result = await _host.SendAsync(new ScanForViruses(await _host.StageAsync(file)));

        Assert.That((result.HttpStatus, result.Status, result.VirusScan!.ScanResult), Is.EqualTo((422, FinalStatus.Unscannable, ScanVerdict.Unscannable)), result.ToString());
        Assert.That(_clamd.Scanned.Any(s => s.AsSpan().SequenceEqual(file)), Is.False);
    }

    [Test]
    public async Task A_damaged_pdf_of_usual_size_is_scanned()
    {
        var file = HostilePdf.Ruin("/Filter/FlateDecode", HostilePdf.Zeros(1 << 20));
        var result = await _host.SendAsync(new ScanForViruses(await _host.StageAsync(file)));

        Assert.That(result.VirusScan!.ScanResult, Is.EqualTo(ScanVerdict.Clean), result.ToString());
        Assert.That(_clamd.Scanned.Any(s => s.AsSpan().SequenceEqual(file)), Is.True);
    }

    [Test]
    public async Task Archives_and_attachments_of_usual_size_are_scanned()
    {
        var files = new[] { TestFiles.Zip("a.txt", "a letter"u8.ToArray()), Bombs.Nested("a letter"u8.ToArray(), 5), Bombs.Gzip(1 << 20), TestFiles.WithAttachment("a.zip", TestFiles.Zip("a.txt", "a"u8.ToArray())) };
        foreach (var file in files) await _host.SendAsync(new ScanForViruses(await _host.StageAsync(file)));

        Assert.That(files.All(f => _clamd.Scanned.Any(s => s.AsSpan().SequenceEqual(f))), Is.True);
    }
}
