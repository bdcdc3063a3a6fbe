using Dox.DocumentReading;

namespace Dox.SharedKernel.Tests.Reading;

public sealed class ActiveContentTests : ReaderTests
{
    [TestCase("/OpenAction<</S/J#61vaScript/JS(app.alert\\(1\\))>>", ActiveContentKind.JavaScript, "app.alert(1)")]
    [TestCase("/OpenAction<</S/JavaScript/#4A#53(x)>>", ActiveContentKind.JavaScript, "x")]
    [TestCase("/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(y)>>]>>>>", ActiveContentKind.JavaScript, "y")]
    [TestCase("/OpenAction<</S/Launch/F(calc.exe)>>", ActiveContentKind.Launch, "calc.exe")]
    [TestCase("/OpenAction<</S/Launch/Win<</F(cmd.exe)>>>>", ActiveContentKind.Launch, "cmd.exe")]
    [TestCase("/OpenAction<</S/Launch/F<</Type/Filespec/UF(run.sh)>>>>", ActiveContentKind.Launch, "run.sh")]
    [TestCase("/OpenAction<</S/Launch/F(a)>>", ActiveContentKind.OpenAction, "Launch")]
    [TestCase("/OpenAction[3 0 R/Fit]", ActiveContentKind.OpenAction, "GoTo")]
    [TestCase("/OpenAction<</S/GoTo/D[3 0 R/Fit]>>", ActiveContentKind.OpenAction, "GoTo")]
    [TestCase("/AA<</WC<</S/JavaScript/JS(z)>>>>", ActiveContentKind.AdditionalAction, "WC: JavaScript")]
    [TestCase("/X<</S/SubmitForm/F(http://example.org)>>", ActiveContentKind.SubmitForm, "http://example.org")]
    [TestCase("/X<</S/ImportData/F(a.fdf)>>", ActiveContentKind.ImportData, "a.fdf")]
    [TestCase("/X<</S/GoToR/F(other.pdf)>>", ActiveContentKind.GoToRemote, "other.pdf")]
    [TestCase("/X<</S/GoToE/T<</R/C>>>>", ActiveContentKind.GoToEmbedded, null)]
    [TestCase("/X<</Type/Annot/Subtype/RichMedia>>", ActiveContentKind.RichMedia, "RichMedia")]
    [TestCase("/AcroForm<</Fields[]/XFA[(template)(x)]>>", ActiveContentKind.Xfa, null)]
    public async Task Active_content_is_found(string catalog, ActiveContentKind kind, string? detail)
    {
        var result = await InspectAsync(TestPdf.WithPage().Catalog(catalog).Build());

        Assert.That(result.Outcome, Is.EqualTo(ReadingOutcome.Ok), result.Message);
        Assert.That(result.ActiveContent.Select(a => (a.Kind, a.Detail)), Does.Contain((kind, detail)));
    }

    [Test]
    public async Task Script_in_an_object_stream_is_found()
    {
        var pdf = TestPdf.WithPage().Catalog("/OpenAction 6 0 R");
        pdf.Add("<</S 7 0 R/JS(hidden)>>");
        pdf.Add("/JavaScript");
        var file = pdf.BuildWithObjectStream(1, 2, 3, 6, 7);
        Assert.That(System.Text.Encoding.Latin1.GetString(file), Does.Not.Contain("JavaScript"), "else the test shows nothing");
        var result = await InspectAsync(file);

        Assert.That(result.Outcome, Is.EqualTo(ReadingOutcome.Ok), result.Message);
        Assert.That(result.ActiveContent, Does.Contain(new ActiveContent(ActiveContentKind.JavaScript, "hidden", 6, 1)));
        Assert.That(result.ActiveContent, Does.Contain(new ActiveContent(ActiveContentKind.OpenAction, "JavaScript", 1, 1)));
    }

    [Test]
    public async Task Script_that_the_cross_reference_leaves_out_is_found()
    {
        var result = await InspectAsync(TestPdf.WithPage().Build(after: "99 0 obj\n<</S/JavaScript/JS(loose)>>\nendobj\n%%EOF"));

        Assert.That(result.Outcome, Is.EqualTo(ReadingOutcome.Ok), result.Message);
        Assert.That(result.ActiveContent, Does.Contain(new ActiveContent(ActiveContentKind.JavaScript, "loose", 0, 1)));
        Assert.That(result.Findings.Select(f => f.Code), Does.Contain("pdf_objects_outside_xref"));
    }

    [Test]
    public async Task Harmless_names_are_not_taken_for_actions()
    {
        var pdf = TestPdf.WithPage(resources: "/XObject<</JS 6 0 R/AA 6 0 R>>");
        pdf.AddStream("/Type/XObject/Subtype/Form/BBox[0 0 1 1]", "(/JavaScript /Launch)"u8.ToArray());
        pdf.Add("<</Title(/Launch and /JavaScript)/S/R>>");
        var result = await InspectAsync(pdf.Build());

        Assert.That(result.ActiveContent, Is.Empty);
    }

    [Test]
    public async Task Same_content_is_counted_instead_of_listed_again()
    {
        var pdf = TestPdf.WithPage();
        for (var i = 0; i < 500; i++) pdf.Add("<</S/Launch/F(a.exe)>>");
        var result = await InspectAsync(pdf.Build());

        Assert.That(result.ActiveContent, Is.EqualTo(new[] { new ActiveContent(ActiveContentKind.Launch, "a.exe", 6, 500) }));
    }
}
