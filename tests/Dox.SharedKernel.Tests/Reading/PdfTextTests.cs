using Dox.DocumentReading;

namespace Dox.SharedKernel.Tests.Reading;

public sealed class PdfTextTests : ReaderTests
{
    private const double Near = 0.02;

    [Test]
    public async Task Words_have_boxes_as_fractions_from_the_top_left()
    {
        var text = await ReadTextAsync(TestPdf.WithPage("BT /F1 12 Tf 1 0 0 1 150 600 Tm (Total 42,00) Tj ET").Build());

        Assert.That((text.Outcome, text.PageCount, text.HasText, text.NeedsOcr), Is.EqualTo((ReadingOutcome.Ok, 1, true, false)));
        var page = text.Pages[0];
        Assert.That((page.Width, page.Height), Is.EqualTo((600, 800)));
        Assert.That(page.Words.Select(w => w.Text), Is.EqualTo(new[] { "Total", "42,00" }));
        Assert.That(page.Words[0].Box.X, Is.EqualTo(0.25).Within(Near));
        Assert.That(page.Words[0].Box.Y + page.Words[0].Box.H, Is.EqualTo(0.25).Within(Near));
        Assert.That(page.Words[1].Box.X, Is.GreaterThan(page.Words[0].Box.X + page.Words[0].Box.W));
    }

    [TestCase("/Rotate 90")]
    [TestCase("/Rotate 180")]
    [TestCase("/Rotate 270")]
    public async Task Turned_page_reads_as_the_upright_one(string page)
    {
        const string Drawing = "BT /F1 12 Tf 1 0 0 1 150 600 Tm (Hello world) Tj ET 100 500 m 300 500 l S";
        var upright = (await ReadTextAsync(TestPdf.WithPage(Drawing).Build())).Pages[0];
        var turned = (await ReadTextAsync(TestPdf.WithPage(Drawing, page).Build())).Pages[0];

        Assert.That((turned.Width, turned.Height, turned.HorizontalLines, turned.VerticalLines), Is.EqualTo((600, 800, 1, 0)));
        Assert.That(turned.Words.Select(w => w.Text), Is.EqualTo(new[] { "Hello", "world" }));
        Assert.That(turned.Words.Select(w => w.Box.X), Is.EqualTo(upright.Words.Select(w => w.Box.X)).Within(0.001));
        Assert.That(turned.Words.Select(w => w.Box.Y), Is.EqualTo(upright.Words.Select(w => w.Box.Y)).Within(0.001));
        Assert.That(turned.Lines[0].Y, Is.EqualTo(upright.Lines[0].Y).Within(0.001));
    }

    [Test]
    public async Task Text_drawn_sideways_on_a_page_turned_back_is_upright()
    {
        var text = await ReadTextAsync(TestPdf.WithPage("BT /F1 12 Tf 0 1 -1 0 300 200 Tm (Hello world) Tj ET", "/Rotate 90").Build());

        var page = text.Pages[0];
        Assert.That((page.Width, page.Height, page.Rotation), Is.EqualTo((800, 600, 90)));
        Assert.That(page.Words.Select(w => w.Text), Is.EqualTo(new[] { "Hello", "world" }));
        Assert.That(page.Words[0].Box.X, Is.EqualTo(200 / 800.0).Within(Near));
        Assert.That(page.Words[0].Box.Y, Is.EqualTo(300 / 600.0).Within(Near));
    }

    [Test]
    public async Task Words_up_the_margin_stay_whole()
    {
        var drawing = "BT /F1 12 Tf 1 0 0 1 150 600 Tm (Many upright words here) Tj ET BT /F1 8 Tf 0 1 -1 0 30 200 Tm (Margin note) Tj ET";
        var page = (await ReadTextAsync(TestPdf.WithPage(drawing).Build())).Pages[0];

        Assert.That(page.Words.Select(w => w.Text), Is.EqualTo(new[] { "Many", "upright", "words", "here", "Margin", "note" }));
        Assert.That(page.Words[4].Box.H, Is.GreaterThan(page.Words[4].Box.W), "it stands");
    }

    [Test]
    public async Task Crop_box_is_the_page()
    {
        var page = (await ReadTextAsync(TestPdf.WithPage(page: "/CropBox[100 100 500 750]").Build())).Pages[0];

        Assert.That((page.Width, page.Height), Is.EqualTo((400, 650)));
        Assert.That(page.Words[0].Box.X, Is.Zero.Within(Near));
    }

    [Test]
    public async Task Form_fields_have_name_type_value_and_box()
    {
        var pdf = TestPdf.WithPage(page: "/Annots[7 0 R 8 0 R]").Catalog("/AcroForm<</Fields[6 0 R]>>");
        pdf.Add("<</T(invoice)/Kids[7 0 R 8 0 R]>>");
        pdf.Add("<</Type/Annot/Subtype/Widget/Parent 6 0 R/FT/Tx/T(number)/V(A-17)/Rect[150 600 300 640]/P 3 0 R>>");
        pdf.Add("<</Type/Annot/Subtype/Widget/Parent 6 0 R/FT/Btn/T(paid)/V/Yes/AS/Yes/Rect[150 500 170 520]/P 3 0 R>>");
        var text = await ReadTextAsync(pdf.Build());

        Assert.That(
            text.Fields.Select(f => (f.Name, f.Type, f.Value, f.Page)),
            Is.EqualTo(new[] { ("invoice.number", "text", "A-17", (int?)1), ("invoice.paid", "checkbox", "Yes", 1) }));
        Assert.That(text.Fields[0].Box, Is.EqualTo(new PageBox(0.25, 0.2, 0.25, 0.05)));
    }

    [Test]
    public async Task Ruling_lines_are_joined_and_counted()
    {
        const string Drawing = "50 700 m 300 700 l S 300 700 m 550 700 l S 50 600 500 1 re f 50 400 m 50 700 l S 10 10 m 15 10 l S";
        var page = (await ReadTextAsync(TestPdf.WithPage(Drawing).Build())).Pages[0];

        Assert.That((page.HorizontalLines, page.VerticalLines), Is.EqualTo((2, 1)));
        Assert.That(page.Lines, Does.Contain(new PageBox(0.08333, 0.125, 0.83334, 0)));
    }

    [Test]
    public async Task Page_without_text_needs_ocr()
    {
        var (pdf, picture) = (await ReadTextAsync(TestPdf.WithPage("0 0 100 100 re f").Build()), await ReadTextAsync([1, 2, 3], "image/png"));

        Assert.That((pdf.Outcome, pdf.HasText, pdf.NeedsOcr), Is.EqualTo((ReadingOutcome.Ok, false, true)));
        Assert.That((picture.Outcome, picture.HasText, picture.NeedsOcr), Is.EqualTo((ReadingOutcome.Ok, false, true)));
    }

    [Test]
    public async Task Limits_leave_out_and_say_so()
    {
        var pdf = TestPdf.WithPage("BT /F1 12 Tf 1 0 0 1 50 600 Tm (one two three four) Tj ET").Build();
        var text = await ReadTextAsync(pdf, limits: new TextLimits { MaxWords = 3 });

        Assert.That((text.Outcome, text.Truncated), Is.EqualTo((ReadingOutcome.Ok, true)));
        Assert.That(text.Pages[0].Words.Select(w => w.Text), Is.EqualTo(new[] { "one", "two", "three" }));
    }

    [Test]
    public async Task Locked_pdf_says_that_it_is_locked()
    {
        var text = await ReadTextAsync(TestPdf.WithPage().Encrypt(opensWithEmptyPassword: false).Build());
        var open = await ReadTextAsync(TestPdf.WithPage().Encrypt(opensWithEmptyPassword: true).Build());

        Assert.That((text.Outcome, text.Code), Is.EqualTo((ReadingOutcome.Encrypted, "pdf_needs_password")));
        Assert.That(open.Pages[0].Words.Select(w => w.Text), Is.EqualTo(new[] { "Hello" }));
    }

    [Test]
    public async Task Unknown_type_is_unsupported() =>
        Assert.That((await ReadTextAsync([1], "text/plain")).Outcome, Is.EqualTo(ReadingOutcome.Unsupported));
}
