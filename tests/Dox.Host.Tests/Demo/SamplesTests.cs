using Dox.Host.Demo.Samples;
using Microsoft.Extensions.Time.Testing;
using SkiaSharp;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Exceptions;

namespace Dox.Host.Tests.Demo;

public sealed class SamplesTests
{
    private const int Seed = 7;

    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    [Test]
    public void Same_seed_and_day_give_the_same_bytes()
    {
        var first = SampleLibrary.All(Seed, Time);
        var second = SampleLibrary.All(Seed, new FakeTimeProvider(Time.GetUtcNow().AddHours(9)));

        Assert.That(second.Select(sample => Convert.ToHexString(sample.Content)), Is.EqualTo(first.Select(sample => Convert.ToHexString(sample.Content))));
    }

    [Test]
    public void Another_seed_gives_other_invoices() => Assert.That(
        SampleLibrary.Invoice(Seed + 1, Time).FileName, Is.Not.EqualTo(SampleLibrary.Invoice(Seed, Time).FileName));

    [Test]
    public void No_two_samples_share_name_or_content()
    {
        var all = SampleLibrary.All(Seed, Time);

        Assert.That(all.Select(sample => sample.FileName), Is.Unique);
        Assert.That(all.Select(sample => Convert.ToHexString(sample.Content)), Is.Unique);
    }

    [Test]
    public void Each_family_has_two_members_that_match() => Assert.That(
        SampleLibrary.All(Seed, Time).Where(sample => sample.Expectation == Ending.Matched).CountBy(sample => sample.Family!, StringComparer.Ordinal),
        Is.EquivalentTo(new Dictionary<string, int>(StringComparer.Ordinal) { [SampleLibrary.InvoiceFamily] = 2, [SampleLibrary.ClaimFamily] = 2 }));

    [Test]
    public void Text_of_an_invoice_can_be_read([Range(1, 20)] int seed)
    {
        var order = NordwindOrder.Draw(seed, new DateOnly(2026, 3, 4));

        var words = Words(SampleLibrary.Invoice(seed, Time));

        Assert.That(words, Does.Contain("Rechnungsnummer").And.Contain(order.InvoiceNumber).And.Contain("Rechnungsbetrag").And.Contain("Bürobedarf"));
        Assert.That(words, Does.Contain(SampleValues.Euro(order.Gross).Split(' ')[0]));
        Assert.That(order.Net + order.Vat, Is.EqualTo(order.Gross));
    }

    [Test]
    public void Text_of_a_claim_form_can_be_read([Range(1, 20)] int seed)
    {
        var claim = MotorClaim.Draw(seed, new DateOnly(2026, 3, 4));

        var words = Words(SampleLibrary.Claim(seed, Time));

        Assert.That(words, Does.Contain("Policyholder").And.Contain(claim.PolicyNumber).And.Contain("HM-204").And.Contain(claim.Registration.Split(' ')[0]));
    }

    [Test]
    public void Earlier_invoice_keeps_part_of_the_labels()
    {
        var words = Words(SampleLibrary.EarlierInvoice(Seed, Time));

        Assert.That(words, Does.Contain("Nettobetrag").And.Contain("Zahlbetrag"));
        Assert.That(words, Has.None.EqualTo("Rechnungsnummer").And.None.EqualTo("Rechnungsbetrag"));
    }

    [Test]
    public void Encrypted_document_wants_its_password()
    {
        var sample = SampleLibrary.Encrypted(Seed, Time);

        Assert.That(() => PdfDocument.Open(sample.Content), Throws.InstanceOf<PdfDocumentEncryptedException>());
        using var opened = PdfDocument.Open(sample.Content, new ParsingOptions { Password = EncryptedPdf.Password });
        Assert.That(opened.GetPage(1).GetWords().Select(word => word.Text), Does.Contain("Entgeltabrechnung"));
    }

    [Test]
    public void Broken_document_does_not_open()
    {
        var sample = SampleLibrary.Broken(Seed, Time);

        Assert.That(sample.Content.AsSpan(0, 5).SequenceEqual("%PDF-"u8), Is.True);
        Assert.That(() => PdfDocument.Open(sample.Content), Throws.InstanceOf<PdfDocumentFormatException>());
    }

    [Test]
    public void Text_named_pdf_is_no_pdf() => Assert.That(
        () => PdfDocument.Open(SampleLibrary.TextNamedPdf(Time).Content), Throws.InstanceOf<PdfDocumentFormatException>());

    [Test]
    public void Test_virus_is_attached_to_a_readable_invoice()
    {
        var sample = SampleLibrary.TestVirus(Seed, Time);

        using var document = PdfDocument.Open(sample.Content);
        Assert.That(document.Advanced.TryGetEmbeddedFiles(out var files), Is.True);
        Assert.That(files!.Single().Memory.ToArray(), Is.EqualTo(SampleLibrary.TestVirusText()).And.Length.EqualTo(68));
        Assert.That(Words(sample), Does.Contain("Rechnungsnummer"));
    }

    [Test]
    public void Scan_is_a_png_of_a_whole_page()
    {
        using var image = SKBitmap.Decode(SampleLibrary.Scan(Seed, Time).Content);

        Assert.That((image.Width, image.Height), Is.EqualTo((1240, 1754)));
    }

    [TestCase("DE", "370400440532013000", "DE89 3704 0044 0532 0130 00")]
    [TestCase("GB", "WEST12345698765432", "GB82 WEST 1234 5698 7654 32")]
    public void Account_numbers_carry_the_right_checksum(string country, string account, string expected) =>
        Assert.That(SampleValues.Iban(country, account), Is.EqualTo(expected));

    private static string[] Words(Sample sample)
    {
        using var document = PdfDocument.Open(sample.Content);
        return [.. document.GetPages().SelectMany(page => page.GetWords()).Select(word => word.Text)];
    }
}
