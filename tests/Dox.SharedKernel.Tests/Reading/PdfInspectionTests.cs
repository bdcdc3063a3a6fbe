using Dox.DocumentReading;

namespace Dox.SharedKernel.Tests.Reading;

public sealed class PdfInspectionTests : ReaderTests
{
    [Test]
    public async Task Sound_pdf_opens_without_findings()
    {
        var result = await InspectAsync(TestPdf.WithPage().Build());

        Assert.That(result, Has.Property(nameof(result.Outcome)).EqualTo(ReadingOutcome.Ok).And.Property(nameof(result.Code)).EqualTo("ok"));
        Assert.That((result.Pages, result.Version, result.Encryption, result.Objects), Is.EqualTo((1, "1.7", DocumentEncryption.None, 5)));
        Assert.That(result.Findings, Is.Empty);
        Assert.That(result.ActiveContent, Is.Empty);
    }

    [Test]
    public async Task Bytes_before_the_header_are_a_finding()
    {
        var result = await InspectAsync(TestPdf.WithPage().Build(before: "junk\n"));

        Assert.That((result.Outcome, result.HeaderOffset), Is.EqualTo((ReadingOutcome.Ok, 5)));
        Assert.That(result.Findings, Has.Some.Matches<ReadingFinding>(f => f is { Code: "pdf_header_offset", Evidence: "5" }));
    }

    [Test]
    public async Task Header_after_the_first_kilobyte_is_no_header()
    {
        var result = await InspectAsync(TestPdf.WithPage().Build(before: new string(' ', 1025)));

        Assert.That((result.Outcome, result.Code), Is.EqualTo((ReadingOutcome.Broken, "pdf_no_header")));
    }

    [Test]
    public async Task Bytes_after_the_end_are_a_finding()
    {
        var result = await InspectAsync(TestPdf.WithPage().Build(after: "PK-something"));

        Assert.That(result.Outcome, Is.EqualTo(ReadingOutcome.Ok));
        Assert.That(result.Findings, Has.Some.Matches<ReadingFinding>(f => f is { Code: "pdf_bytes_after_end", Evidence: "12" }));
    }

    [Test]
    public async Task Cut_off_end_is_a_finding_while_a_page_still_reads()
    {
        var file = TestPdf.WithPage().Build(withEnd: false);
        var result = await InspectAsync(file[..^20]); // the trailer is gone too

        Assert.That(result.Outcome, Is.EqualTo(ReadingOutcome.Ok), result.Message);
        Assert.That(result.Findings.Select(f => f.Code), Is.SupersetOf(["pdf_no_eof", "pdf_xref_repaired"]));
        Assert.That((await ReadTextAsync(file[..^20])).Pages[0].Words, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Pdf_cut_off_before_its_page_is_broken()
    {
        var file = TestPdf.WithPage().Build();
        var result = await InspectAsync(file[..120]);

        Assert.That(result.Outcome, Is.EqualTo(ReadingOutcome.Broken));
        Assert.That(result.Findings.Select(f => f.Code), Does.Contain("pdf_no_eof"), "what was seen stays although it is refused");
    }

    [TestCase("%PDF-1.7\nnothing of a PDF follows\n%%EOF", "pdf_no_structure")]
    [TestCase("<html>not even that</html>", "pdf_no_header")]
    [TestCase("", "pdf_no_header")]
    public async Task What_is_no_pdf_is_broken(string content, string code)
    {
        var result = await InspectAsync(TestPdf.Latin(content));

        Assert.That((result.Outcome, result.Code), Is.EqualTo((ReadingOutcome.Broken, code)));
        Assert.That(result.Message, Does.EndWith(".").And.Not.Contain("Exception"));
    }

    [Test]
    public async Task Owners_restrictions_alone_open_with_a_finding()
    {
        var result = await InspectAsync(TestPdf.WithPage().Encrypt(opensWithEmptyPassword: true).Build());

        Assert.That((result.Outcome, result.Encryption), Is.EqualTo((ReadingOutcome.Ok, DocumentEncryption.EmptyPassword)));
        Assert.That(result.Findings.Select(f => f.Code), Does.Contain("pdf_empty_password"));
    }

    [Test]
    public async Task Password_is_told_from_damage()
    {
        var result = await InspectAsync(TestPdf.WithPage().Encrypt(opensWithEmptyPassword: false).Build());

        Assert.That(
            (result.Outcome, result.Code, result.Encryption),
            Is.EqualTo((ReadingOutcome.Encrypted, "pdf_needs_password", DocumentEncryption.NeedsPassword)));
    }

    [Test]
    public async Task Encryption_for_certain_people_is_told_from_a_password()
    {
        var result = await InspectAsync(TestPdf.WithPage().EncryptForRecipients().Build());

        Assert.That(
            (result.Outcome, result.Code, result.Encryption),
            Is.EqualTo((ReadingOutcome.Encrypted, "pdf_encryption_unsupported", DocumentEncryption.Unsupported)));
    }

    [Test]
    public async Task Limits_of_the_request_are_kept()
    {
        var pdf = TestPdf.WithPage().Build();
        var pages = await InspectAsync(pdf, limits: new InspectionLimits { MaxPages = 0 });
        var objects = await InspectAsync(pdf, limits: new InspectionLimits { MaxObjects = 4 });
        var bytes = await InspectAsync(pdf, limits: new InspectionLimits { MaxBytes = 100 });

        Assert.That(
            new[] { (pages.Outcome, pages.Code), (objects.Outcome, objects.Code), (bytes.Outcome, bytes.Code) },
            Is.EqualTo(new[]
            {
                (ReadingOutcome.TooLarge, "pdf_too_many_pages"), (ReadingOutcome.TooLarge, "pdf_too_many_objects"),
                (ReadingOutcome.TooLarge, "too_many_bytes"),
            }));
    }

    [Test]
    public async Task Nesting_has_a_limit()
    {
        var pdf = TestPdf.WithPage();
        pdf.Add(new string('[', 150) + new string(']', 150));
        var result = await InspectAsync(pdf.Build());

        Assert.That((result.Outcome, result.Code), Is.EqualTo((ReadingOutcome.TooLarge, "pdf_too_deep")));
    }

    [Test]
    public async Task Embedded_invoice_is_listed_with_its_digest()
    {
        var pdf = TestPdf.WithPage().Catalog("/Names<</EmbeddedFiles<</Names[(factur-x.xml) 7 0 R]>>>>");
        pdf.AddStream("/Type/EmbeddedFile/Subtype/text#2Fxml", "<?xml version=\"1.0\"?><x/>"u8.ToArray());
        pdf.Add("<</Type/Filespec/F(factur-x.xml)/UF(factur-x.xml)/EF<</F 6 0 R/UF 6 0 R>>>>");
        var result = await InspectAsync(pdf.Build());

        Assert.That(result.Outcome, Is.EqualTo(ReadingOutcome.Ok));
        Assert.That(result.EmbeddedFiles, Has.Count.EqualTo(1));
        var file = result.EmbeddedFiles[0];
        Assert.That((file.Name, file.DeclaredType, file.MediaType, file.Length), Is.EqualTo(("factur-x.xml", "text/xml", "application/xml", 25)));
        Assert.That(file.Sha256, Has.Length.EqualTo(64));
        Assert.That(result.ActiveContent, Is.EqualTo(new[] { new ActiveContent(ActiveContentKind.EmbeddedFile, "factur-x.xml", 0, 1) }));
    }

    [Test]
    public async Task Pdf_within_a_pdf_is_inspected_too_to_a_depth()
    {
        var inner = TestPdf.WithPage().Catalog("/OpenAction<</S/JavaScript/JS(app.alert)>>").Build();
        var once = await InspectAsync(Wrap(inner));
        var often = await InspectAsync(Wrap(Wrap(Wrap(inner))));

        Assert.That(once.EmbeddedFiles[0].Inspection!.ActiveContent.Select(a => a.Kind), Does.Contain(ActiveContentKind.JavaScript));
        Assert.That((often.Outcome, often.Code), Is.EqualTo((ReadingOutcome.TooLarge, "pdf_embedded_too_deep")));
    }

    [Test]
    public async Task Files_within_a_pdf_have_one_budget_of_bytes_together([Values(2, 3)] int count)
    {
        // Each inflates to 4 MiB of 10, and no two are the same
        var files = Enumerable.Range(0, count).Select(i => Wrap([.. new byte[4 << 20], (byte)i])).ToArray();

        var inspection = await Pool.InspectAsync(
            new MemoryStream(Wrap(files)), Wrap(files).Length, "application/pdf", new InspectionLimits { MaxInflatedBytes = 10 << 20 }, CancellationToken.None);

        Assert.That((inspection.Outcome, inspection.Code), Is.EqualTo(count == 2 ? (ReadingOutcome.Ok, "ok") : (ReadingOutcome.TooLarge, "inflated_too_large")));
        if (count == 3) Assert.That(inspection.Message, Does.Contain("together"));
    }

    [Test]
    public async Task Files_at_every_depth_are_counted_together()
    {
        var three = Wrap(Enumerable.Range(0, 3).Select(i => new byte[] { (byte)i, 1, 2, 3 }).ToArray());
        var limits = new InspectionLimits { MaxEmbeddedFiles = 7 };

        var seven = await Pool.InspectAsync(new MemoryStream(Wrap(three, [9])), Wrap(three, [9]).Length, "application/pdf", limits, CancellationToken.None);
        var nine = await Pool.InspectAsync(new MemoryStream(Wrap(three, three, [9])), Wrap(three, three, [9]).Length, "application/pdf", limits, CancellationToken.None);

        Assert.That((seven.Code, nine.Code), Is.EqualTo(("ok", "pdf_too_many_embedded_files")));
    }

    private static byte[] Wrap(params byte[][] files)
    {
        var pdf = TestPdf.WithPage();
        foreach (var file in files) pdf.AddStream("/Type/EmbeddedFile/Filter/FlateDecode", TestPdf.Deflated(file));
        return pdf.Build();
    }
}
