using System.Text;
using Dox.Testing.Hosts;
using Dox.Validation.Contracts;
using Dox.Validation.Tests.Hosting;
using SkiaSharp;

namespace Dox.Validation.Tests.Steps;

internal sealed class FormatStepTests
{
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await ValidationHost.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_sound_document_passes_with_what_it_is()
    {
        var result = await CheckAsync(TestFiles.Pdf());

        Assert.That(result.Codes(), Is.Empty);
        Assert.That(result.Format, Has.Property(nameof(FormatValidationResult.Kind)).EqualTo("pdf").And.Property(nameof(FormatValidationResult.Pages)).EqualTo(1));
        Assert.That(result.Format!.Encryption, Is.EqualTo("none"));
    }

    [TestCase(SKEncodedImageFormat.Png, "png")]
    [TestCase(SKEncodedImageFormat.Jpeg, "jpeg")]
    public async Task A_picture_may_be_as_large_as_the_limit_and_no_larger(SKEncodedImageFormat format, string kind)
    {
        var fits = await CheckAsync(TestFiles.Image(format, 4000, 4000));
        var wide = await CheckAsync(TestFiles.Image(format, 4001, 10));
        var high = await CheckAsync(TestFiles.Image(format, 10, 4001));

        Assert.Multiple(() =>
        {
            Assert.That((fits.Passed, fits.Format!.Kind, fits.Format.Width, fits.Format.Height), Is.EqualTo((true, kind, 4000, 4000)));
            Assert.That((wide.HttpStatus, wide.Status, string.Join(',', wide.Codes())), Is.EqualTo((422, FinalStatus.FormatInvalid, "image_too_large")));
            Assert.That(high.Codes(), Is.EqualTo(["image_too_large"]));
            Assert.That(wide.Findings[0].MaxAllowed, Is.EqualTo("4000 x 4000"));
        });
    }

    [Test]
    public async Task A_tiff_passes()
    {
        var result = await CheckAsync(TestFiles.Tiff());

        Assert.That(result.Codes(), Is.Empty);
        Assert.That((result.Format!.Kind, result.Format.Width, result.Format.Height), Is.EqualTo(("tiff", 8, 1)));
    }

    [Test]
    public async Task What_does_not_open_is_refused([Values("pdf", "png", "jpeg", "tiff")] string kind)
    {
        var whole = kind switch
        {
            "pdf" => Encoding.ASCII.GetBytes("%PDF-1.7\nnothing of a document\n%%EOF"),
            "png" => TestFiles.Image(SKEncodedImageFormat.Png, 200, 200)[..60],
            "jpeg" => TestFiles.Image(SKEncodedImageFormat.Jpeg, 200, 200)[..100],
            _ => TestFiles.Tiff()[..30],
        };

        var result = await CheckAsync(whole);

        Assert.That((result.HttpStatus, result.Status), Is.EqualTo((422, FinalStatus.FormatInvalid)));
        Assert.That(result.Codes(), Is.EqualTo(["format_broken"]));
    }

    [Test]
    public async Task What_no_reader_opens_is_refused()
    {
        var result = await CheckAsync("just words"u8.ToArray());

        Assert.That((result.HttpStatus, string.Join(',', result.Codes())), Is.EqualTo((422, "format_unsupported")));
    }

    [TestCase("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>", "java_script")]
    [TestCase("/OpenAction<</S/JavaScr#69pt/JS(app.alert\\(1\\))>>", "java_script")]
    [TestCase("/OpenAction<</S/Launch/F(cmd.exe)>>", "launch")]
    public async Task A_script_and_a_launch_are_refused(string catalog, string kind)
    {
        var result = await CheckAsync(TestFiles.Pdf(catalog));

        Assert.That(result.HttpStatus, Is.EqualTo(422));
        Assert.That(result.Findings.Where(f => f.Code == "active_content").Select(f => f.Provided), Does.Contain(kind));
        Assert.That(result.Format!.ActiveContent, Does.Contain(kind));
    }

    [Test]
    public async Task Going_to_a_page_on_opening_is_fine()
    {
        var result = await CheckAsync(TestFiles.Pdf("/OpenAction<</S/GoTo/D[3 0 R/Fit]>>"));

        Assert.That((result.Passed, result.Warnings.Count), Is.EqualTo((true, 0)));
        Assert.That(result.Format!.ActiveContent, Is.EqualTo(["open_action:goto"]));
    }

    [TestCase("invoice.xml", "<?xml version=\"1.0\"?><rsm:Invoice/>", true, 0)]
    [TestCase("notes.txt", "some notes", true, 1)]
    [TestCase("setup.exe", "not even a program", false, 0)]
    [TestCase("readme.txt", "MZ program", false, 0)]
    public async Task An_attachment_is_judged_by_what_it_is(string name, string content, bool passes, int warnings)
    {
        var result = await CheckAsync(TestFiles.WithAttachment(name, Encoding.ASCII.GetBytes(content)));

        Assert.That((result.Passed, result.Warnings.Count(w => w.Code == "embedded_file")), Is.EqualTo((passes, warnings)));
    }

    [Test]
    public async Task A_script_in_an_attached_pdf_is_found()
    {
        var inner = TestFiles.Pdf("/OpenAction<</S/JavaScript/JS(1)>>");

        var result = await CheckAsync(TestFiles.WithAttachment("inner.pdf", inner));

        Assert.That(result.Findings.Select(f => (f.Code, f.Provided)), Does.Contain(("active_content", "java_script")));
        Assert.That(result.Findings.Select(f => f.Message), Has.Some.Contains("inner.pdf"));
    }

    [Test]
    public async Task A_policy_can_be_changed()
    {
        await using var host = await ValidationHost.StartAsync(new DoxHostSetup().With(("Dox:Validation:ActiveContent:JavaScript", "Flag"), ("Dox:Validation:ActiveContent:OpenAction", "Allow")));

        var result = await host.SendAsync(new CheckFormat(await host.StageAsync(TestFiles.Pdf("/OpenAction<</S/JavaScript/JS(1)>>"))));

        Assert.That((result.Passed, string.Join(',', result.Warnings.Select(w => w.Provided))), Is.EqualTo((true, "java_script")));
    }

    [Test]
    public async Task Each_kind_is_rejected_flagged_or_let_through_as_it_is_configured([Values] ActiveContentPolicy policy)
    {
        static string Link(string action) => $"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<<{action}>>>>]";
        (string Option, byte[] File)[] kinds =
        [
            ("JavaScript", TestFiles.Pdf(page: Link("/S/JavaScript/JS(1)"))), ("Launch", TestFiles.Pdf(page: Link("/S/Launch/F(cmd.exe)"))),
            ("OpenAction", TestFiles.Pdf("/OpenAction<</S/URI/URI(http://x)>>")), ("AdditionalAction", TestFiles.Pdf("/AA<</WC<</S/URI/URI(http://x)>>>>")),
            ("SubmitForm", TestFiles.Pdf(page: Link("/S/SubmitForm/F(http://x)"))), ("ImportData", TestFiles.Pdf(page: Link("/S/ImportData/F(x.fdf)"))),
            ("GoToRemote", TestFiles.Pdf(page: Link("/S/GoToR/F(x.pdf)/D[0/Fit]"))), ("GoToEmbedded", TestFiles.Pdf(page: Link("/S/GoToE/D[0/Fit]"))),
            ("RichMedia", TestFiles.Pdf(page: "/Annots[<</Type/Annot/Subtype/RichMedia/Rect[0 0 9 9]>>]")), ("Xfa", TestFiles.Pdf("/AcroForm<</XFA(x)/Fields[]>>")),
            ("EmbeddedFile", TestFiles.WithAttachment("notes.txt", "some notes"u8.ToArray())),
        ];
        await using var host = await ValidationHost.StartAsync(new DoxHostSetup().With([.. kinds.Select(k => ($"Dox:Validation:ActiveContent:{k.Option}", $"{policy}"))]));

        foreach (var (option, file) in kinds)
        {
            var result = await host.SendAsync(new CheckFormat(await host.StageAsync(file)));
            var expected = policy switch { ActiveContentPolicy.Reject => (false, true, false), ActiveContentPolicy.Flag => (true, false, true), _ => (true, false, false) };
            Assert.That((result.Passed, result.Findings.Count > 0, result.Warnings.Count > 0), Is.EqualTo(expected), option);
        }
    }

    private async Task<StepResult> CheckAsync(byte[] content) => await _host.SendAsync(new CheckFormat(await _host.StageAsync(content)));
}
