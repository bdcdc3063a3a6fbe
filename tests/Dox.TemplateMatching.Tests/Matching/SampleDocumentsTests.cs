using System.Globalization;
using Dox.DocumentReading;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dox.TemplateMatching.Tests.Matching;

/// <summary>The templates that ship, against documents that the reader opens in its child process as it does in production.</summary>
[TestFixture]
public sealed class SampleDocumentsTests
{
    private const int Seeds = 20;
    private static readonly DateOnly Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
    private static readonly TemplateMatchingOptions Options = new();
    private DocumentReaderPool _readers = null!;
    private TemplateSet _templates = null!;

    [OneTimeSetUp]
    public void Start()
    {
        _readers = new DocumentReaderPool(Microsoft.Extensions.Options.Options.Create(new DocumentReaderOptions()), NullLogger<DocumentReaderPool>.Instance);
        _templates = new([.. Directory.GetFiles(TestPage.Folder("templates"), "*.yaml", SearchOption.AllDirectories)
            .Select(f => TestPage.Template(File.ReadAllText(f)))], []);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _readers.DisposeAsync();

    [Test]
    public async Task Every_invoice_is_accepted_and_every_value_read([Range(0, Seeds - 1)] int seed)
    {
        var order = NordwindOrder.Draw(seed, Today);
        var (outcome, fields) = await ReadAsync(SampleLibrary.Invoice(seed, TimeProvider.System));

        Assert.That((outcome.Decision, outcome.Best!.Template.Family), Is.EqualTo((RecognitionDecision.AutoAccepted, SampleLibrary.InvoiceFamily)), outcome.Explanation);
        Assert.That(outcome.Confidence, Is.GreaterThan(0.95));
        Assert.That(Values(fields), Is.EqualTo(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["invoice_number"] = order.InvoiceNumber,
            ["invoice_date"] = Iso(order.InvoiceDate),
            ["delivery_date"] = Iso(order.DeliveryDate),
            ["customer_number"] = order.CustomerNumber,
            ["order_number"] = order.OrderNumber,
            ["contact"] = order.Contact,
            ["recipient"] = string.Join('\n', order.Address),
            ["net"] = Money(order.Net),
            ["tax"] = Money(order.Vat),
            ["total"] = Money(order.Gross),
            ["due_date"] = Iso(order.DueDate),
            ["iban"] = "DE89370400440532013000",
            ["vat_id"] = "DE123456788",
        }));
        Assert.That(fields.Fields["total"], Has.Property("Confidence").GreaterThan(0.98).And.Property("Page").EqualTo(1).And.Property("Anchor").EqualTo("Rechnungsbetrag"));
        Assert.That(fields.Fields["total"].Box, Has.Count.EqualTo(4).And.All.InRange(0, 1));
    }

    [Test]
    public async Task Every_claim_is_accepted_and_every_value_read([Range(0, Seeds - 1)] int seed)
    {
        var claim = MotorClaim.Draw(seed, Today);
        var (outcome, fields) = await ReadAsync(SampleLibrary.Claim(seed, TimeProvider.System));

        Assert.That((outcome.Decision, outcome.Best!.Template.Family), Is.EqualTo((RecognitionDecision.AutoAccepted, SampleLibrary.ClaimFamily)), outcome.Explanation);
        Assert.That(Values(fields), Is.EqualTo(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["policy_number"] = claim.PolicyNumber,
            ["name"] = claim.Name,
            ["address"] = claim.Address,
            ["postcode"] = claim.Postcode,
            ["email"] = claim.Email,
            ["telephone"] = claim.Telephone,
            ["incident_date"] = Iso(claim.IncidentDate),
            ["incident_time"] = claim.IncidentTime.ToString("HH:mm", CultureInfo.InvariantCulture),
            ["registration"] = claim.Registration,
            ["place"] = claim.Place,
            ["vehicle"] = claim.Vehicle,
            ["description"] = string.Join('\n', claim.Description),
            ["estimated_cost"] = Money(claim.EstimatedCost),
            ["garage"] = claim.Garage,
            ["iban"] = claim.Iban.Replace(" ", "", StringComparison.Ordinal),
            ["account_holder"] = claim.Name,
            ["signed"] = Iso(claim.Signed),
        }));
    }

    [Test]
    public async Task An_invoice_of_three_years_ago_is_for_a_person_and_reads_all_the_same([Range(0, Seeds - 1)] int seed)
    {
        var (outcome, fields) = await ReadAsync(SampleLibrary.EarlierInvoice(seed, TimeProvider.System));

        Assert.That((outcome.Decision, outcome.Best!.Template.Family), Is.EqualTo((RecognitionDecision.HumanReview, SampleLibrary.InvoiceFamily)), outcome.Explanation);
        Assert.That(outcome.Confidence, Is.InRange(0.52, 0.80), "not by a hair");
        Assert.That((fields.Complete, fields.Fields["total"].Value), Is.EqualTo((true, Money(NordwindOrder.Draw(seed, Today.AddYears(-3)).Gross))));
    }

    [Test]
    public async Task A_letter_is_unknown()
    {
        var text = await TextAsync(SampleLibrary.Letter(TimeProvider.System));

        Assert.That(Match(text).Decision, Is.EqualTo(RecognitionDecision.Unknown));
    }

    [Test]
    public async Task No_document_of_strangers_is_accepted()
    {
        var corpora = Environment.GetEnvironmentVariable("DOX_CORPORA");
        if (string.IsNullOrEmpty(corpora)) Assert.Ignore("DOX_CORPORA names no folder with documents to test on.");
        var read = 0;
        foreach (var file in new[] { "invoices", "e-invoices", "pdf-library" }.SelectMany(f => Directory.EnumerateFiles(Path.Combine(corpora, f), "*.pdf")))
        {
            await using var stream = File.OpenRead(file);
            var text = await _readers.ReadTextAsync(stream, stream.Length, "application/pdf", new TextLimits { MaxPages = 30, MaxWords = 20_000 }, CancellationToken.None);
            if (!text.HasText) continue;
            read++;
            var words = DocumentWords.Of(text);
            Assert.That(Match(text).Best, Is.Null, file);
            // Also without what the templates require by name: by their anchors alone
            Assert.That(_templates.Templates.Max(t => TemplateScore.Of(t, words, Options.TextShare).Score), Is.LessThan(Options.ReviewFrom), file);
        }

        Assert.That(read, Is.GreaterThan(100));
    }

    private async Task<(MatchOutcome Outcome, ExtractionResult Fields)> ReadAsync(Sample sample)
    {
        var text = await TextAsync(sample);
        var outcome = Match(text);
        Assert.That(outcome.Best, Is.Not.Null, outcome.Explanation);
        return (outcome, FieldExtractor.Extract(outcome.Best!.Template, DocumentWords.Of(text)));
    }

    private MatchOutcome Match(DocumentText text) => Matcher.Match(DocumentWords.Of(text), _templates, Options.Thresholds, Options.MaxScored);

    private async Task<DocumentText> TextAsync(Sample sample)
    {
        var text = await _readers.ReadTextAsync(new MemoryStream(sample.Content), sample.Content.Length, sample.MediaType, new TextLimits(), CancellationToken.None);
        Assert.That(text.IsOk, Is.True, text.Message);
        return text;
    }

    private static Dictionary<string, string> Values(ExtractionResult result) => result.Fields.ToDictionary(f => f.Key, f => f.Value.Value, StringComparer.Ordinal);

    private static string Iso(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);
}
