using System.Text;
using CsCheck;
using Dox.Testing.Hosts;
using Dox.Validation.Contracts;
using Dox.Validation.Tests.Hosting;
using SkiaSharp;

namespace Dox.Validation.Tests.Steps;

internal sealed class MimeTypeStepTests
{
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await ValidationHost.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [TestCase("pdf", "letter.pdf", "application/pdf")]
    [TestCase("pdf", "LETTER.PDF", null)]
    [TestCase("pdf", "Invoice 12.03.2026 v1.2.pdf", "application/octet-stream")]
    [TestCase("pdf", "letter.pdf.pdf", "application/x-pdf")]
    [TestCase("png", "scan.png", "image/png")]
    [TestCase("jpeg", "scan.jpg", "image/jpeg")]
    [TestCase("jpeg", "scan.jpeg", "image/jpg")]
    [TestCase("tiff", "scan.tif", "image/tiff")]
    [TestCase("tiff", "scan.tiff", null)]
    public async Task What_agrees_passes(string content, string name, string? declared)
    {
        var result = await CheckAsync(Content(content), name, declared);

        Assert.That(result.Codes(), Is.Empty);
        Assert.That((result.Passed, result.HttpStatus), Is.EqualTo((true, 200)));
    }

    [TestCase("pdf", "letter.png", null, "mime_type_not_allowed", "extension_mismatch")]
    [TestCase("png", "letter.pdf", null, "mime_type_not_allowed", "extension_mismatch")]
    [TestCase("pdf", "letter.pdf", "image/png", "mime_type_not_allowed", "declared_type_mismatch")]
    [TestCase("pdf", "letter.pdf", "text/html", "mime_type_not_allowed", "declared_type_not_allowed")]
    [TestCase("pdf", "letter.docx", null, "extension_not_allowed", "extension_not_allowed")]
    [TestCase("pdf", "letter", null, "extension_not_allowed", "extension_not_allowed")]
    [TestCase("pdf", "letter.exe.pdf", null, "extension_not_allowed", "double_extension")]
    [TestCase("pdf", "letter.html .pdf", null, "extension_not_allowed", "double_extension")]
    [TestCase("text", "letter.pdf", null, "mime_type_not_allowed", "extension_mismatch,content_type_not_allowed")]
    [TestCase("zip", "letter.pdf", "application/pdf", "mime_type_not_allowed", "extension_mismatch,declared_type_mismatch,content_type_not_allowed,polyglot")]
    [TestCase("program", "letter.exe", "application/x-msdownload", "extension_not_allowed", "extension_not_allowed,declared_type_not_allowed,content_type_not_allowed")]
    public async Task What_does_not_agree_is_refused_with_all_that_is_wrong(string content, string name, string? declared, string status, string codes)
    {
        var result = await CheckAsync(Content(content), name, declared);

        Assert.That(string.Join(',', result.Codes()), Is.EqualTo(codes));
        Assert.That((result.HttpStatus, ValidationTelemetry.Name(result.Status)), Is.EqualTo((415, status)));
    }

    [Test]
    public async Task A_pdf_may_start_late_and_that_is_told()
    {
        var result = await CheckAsync([.. "scanner says hello\r\n"u8, .. TestFiles.Pdf()], "a.pdf");

        Assert.That(result.Passed, Is.True);
        Assert.That(result.Warnings.Single().Evidence, Is.EqualTo("20 bytes"));
    }

    private static IEnumerable<TestCaseData<byte[], string>> Polyglot()
    {
        var (pdf, zip, program) = (TestFiles.Pdf(), TestFiles.Zip("a.txt", "hello"u8.ToArray()), TestFiles.Program());
        yield return Case("PDF then ZIP", [.. pdf, .. zip], "a.pdf");
        yield return Case("PDF then a ZIP with a comment", [.. pdf, .. WithComment(zip, 5000)], "a.pdf");
        yield return Case("PDF then a large ZIP", [.. pdf, .. TestFiles.Zip("a.bin", Noise(300_000))], "a.pdf");
        yield return Case("PDF with a ZIP before its end", [.. pdf[..^6], .. zip, .. pdf[^6..], .. zip], "a.pdf");
        yield return Case("PDF then program", [.. pdf, .. program], "a.pdf");
        yield return Case("PDF then program then an end", [.. pdf, .. program, .. "\n%%EOF\n"u8], "a.pdf");
        yield return Case("PDF then program far in", [.. pdf, .. Noise(200_000), .. "%%EOF\r\n\0\0"u8, .. program, .. Noise(200_000), .. "%%EOF"u8], "a.pdf");
        yield return Case("PDF then HTML", [.. pdf, .. "  <html><script>alert(1)</script>"u8], "a.pdf");
        yield return Case("PDF then RAR", [.. pdf, .. "Rar!\x1a\x07\0"u8], "a.pdf");
        yield return Case("PDF then 7z", [.. pdf, (byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c], "a.pdf");
        yield return Case("PDF then ELF", [.. pdf, 0x7f, (byte)'E', (byte)'L', (byte)'F'], "a.pdf");
        yield return Case("ZIP before PDF", [.. "xx"u8, .. zip, .. pdf], "a.pdf");
        yield return Case("HTML before PDF", [.. "text <script>alert(1)</script> "u8, .. pdf], "a.pdf");
        yield return Case("PNG then ZIP", [.. TestFiles.Image(SKEncodedImageFormat.Png), .. zip], "a.png");
        yield return Case("PNG then program", [.. TestFiles.Image(SKEncodedImageFormat.Png), .. program], "a.png");
        yield return Case("JPEG then program", [.. TestFiles.Image(SKEncodedImageFormat.Jpeg), .. program], "a.jpg");
        yield return Case("JPEG then JAR", [.. TestFiles.Image(SKEncodedImageFormat.Jpeg), .. TestFiles.Zip("META-INF/MANIFEST.MF", [])], "a.jpg");
        yield return Case("TIFF then ZIP", [.. TestFiles.Tiff(), .. zip], "a.tif");
        yield return Case("PDF within a PNG's first bytes", [.. TestFiles.Image(SKEncodedImageFormat.Png)[..40], .. pdf], "a.png");

        static TestCaseData<byte[], string> Case(string name, byte[] content, string file) => new(content, file) { TestName = $"Refused as a polyglot: {name}" };
    }

    [TestCaseSource(nameof(Polyglot))]
    public async Task Refused_as_a_polyglot(byte[] content, string name) => Assert.That((await CheckAsync(content, name)).Codes(), Does.Contain("polyglot"));

    [Test]
    public async Task An_archive_within_a_pdf_is_none_behind_it()
    {
        var result = await CheckAsync(TestFiles.WithAttachment("a.zip", TestFiles.Zip("a.txt", "hello"u8.ToArray())), "a.pdf");

        Assert.That(result.Codes(), Is.Empty);
    }

    [Test]
    public async Task Noise_behind_a_document_is_no_other_type()
    {
        await Gen.Byte.Array[0, 3000].SampleAsync(async noise =>
        {
            if (noise.Length > 3 && noise.AsSpan().TrimStart("\0 \t\r\n\f"u8) is [(byte)'P' or 0x7f or (byte)'R' or (byte)'7' or (byte)'<' or 0xca or 0xcf or 0xd0, ..]) return;
            Assert.That((await CheckAsync([.. TestFiles.Pdf(), .. noise], "a.pdf")).Codes(), Is.Empty);
        }, iter: 50, threads: 1);
    }

    [Test]
    public async Task Whatever_stands_around_it_a_program_behind_an_end_is_found()
    {
        await Gen.Select(Gen.Int[0, 140_000], Gen.Int[0, 140_000]).SampleAsync(async (before, behind) =>
        {
            byte[] content = [.. TestFiles.Pdf(), .. new byte[before].Select(_ => (byte)'x'), .. "%%EOF"u8, .. TestFiles.Program(), .. new byte[behind].Select(_ => (byte)'y')];
            Assert.That((await CheckAsync(content, "a.pdf")).Codes(), Does.Contain("polyglot"));
        }, iter: 60, threads: 1);
    }

    private async Task<StepResult> CheckAsync(byte[] content, string name, string? declared = null) =>
        await _host.SendAsync(new CheckMimeType(await _host.StageAsync(content, name, declared)));

    private static byte[] Content(string kind) => kind switch
    {
        "pdf" => TestFiles.Pdf(),
        "png" => TestFiles.Image(SKEncodedImageFormat.Png),
        "jpeg" => TestFiles.Image(SKEncodedImageFormat.Jpeg),
        "tiff" => TestFiles.Tiff(),
        "zip" => TestFiles.Zip("a.txt", "hello"u8.ToArray()),
        "program" => TestFiles.Program(),
        _ => Encoding.UTF8.GetBytes("just words"),
    };

    private static byte[] WithComment(byte[] zip, ushort length)
    {
        byte[] commented = [.. zip, .. new byte[length].Select(_ => (byte)'c')];
        BitConverter.TryWriteBytes(commented.AsSpan(zip.Length - 2), length);
        return commented;
    }

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
