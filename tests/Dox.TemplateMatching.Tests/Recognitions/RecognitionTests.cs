using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Recognitions;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using SkiaSharp;

namespace Dox.TemplateMatching.Tests.Recognitions;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class RecognitionTests(DatabaseProvider database)
{
    private static readonly Caller Submitter = new("sam", "acme", [Role.Submitter], []);
    private static readonly Caller Stranger = new("eve", "other", [Role.Submitter], []);
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await DoxHostFixture.StartAsync(database);

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task A_recognition_is_recorded_and_told_in_the_form_that_earlier_clients_read()
    {
        var document = await AcceptAsync(SampleLibrary.Invoice(1, TimeProvider.System));

        var record = await _host.SendAsync(new RecognizeTemplate(document));
        await _host.SendAsync(new ExtractFields(document, record.TemplateMatched!.TemplateId));
        var byId = await GetAsync($"/api/v1/recognize/{record.RecognitionProfileId}");
        var byDocument = await GetAsync($"/api/recognize/status/{document.Id}");

        Assert.Multiple(() =>
        {
            Assert.That(record.Decision, Is.EqualTo(RecognitionDecision.AutoAccepted), record.Explanation);
            Assert.That(byDocument.GetRawText(), Is.EqualTo(byId.GetRawText()));
            Assert.That(byId.GetProperty("success").GetBoolean(), Is.True);
            Assert.That(byId.GetProperty("recognition_profile_id").GetString(), Does.StartWith("rec_"));
            Assert.That(byId.GetProperty("document_id").GetString(), Is.EqualTo(document.Id.ToString()));
            var matched = byId.GetProperty("template_matched");
            Assert.That(matched.GetProperty("template_id").GetString(), Is.EqualTo(SampleLibrary.InvoiceFamily));
            Assert.That(matched.GetProperty("approval_type").GetString(), Is.EqualTo("auto_accepted"));
            Assert.That(matched.GetProperty("confidence_score").GetDouble(), Is.GreaterThan(0.85));
            Assert.That(byId.GetProperty("field_mappings").GetProperty("total").GetProperty("type").GetString(), Is.EqualTo("money"));
            Assert.That(byId.GetProperty("processing_time_ms").GetDouble(), Is.GreaterThan(0));
            Assert.That(byId.GetProperty("timestamp").GetDateTimeOffset().Offset, Is.EqualTo(TimeSpan.Zero));
        });
    }

    [Test]
    public async Task What_a_person_declares_is_recorded_once()
    {
        var document = await AcceptAsync(SampleLibrary.EarlierInvoice(2, TimeProvider.System));
        var record = await _host.SendAsync(new RecognizeTemplate(document));
        Assert.That((record.Decision, record.TemplateMatched!.ApprovalType), Is.EqualTo((RecognitionDecision.HumanReview, (ApprovalType?)null)));

        await _host.SendAsync(new DeclareTemplate(document.Id, SampleLibrary.InvoiceFamily, "rita", IsApproval: true));
        await _host.SendAsync(new DeclareTemplate(document.Id, SampleLibrary.InvoiceFamily, "rita", IsApproval: true));
        var approved = await StoredAsync(document);
        await _host.SendAsync(new DeclareTemplate(document.Id, null, "rita"));
        var rejected = await StoredAsync(document);

        Assert.That((approved.DecidedBy, approved.Read().TemplateMatched!.ApprovalType), Is.EqualTo(("rita", (ApprovalType?)ApprovalType.HumanApproved)));
        Assert.That(rejected.Read().TemplateMatched!.ApprovalType, Is.EqualTo(ApprovalType.Rejected));
    }

    [Test]
    public async Task A_declaration_of_a_document_that_was_never_matched_changes_nothing() =>
        await _host.SendAsync(new DeclareTemplate(Id<Document>.New(TimeProvider.System), "any", "rita"));

    [Test]
    public async Task A_picture_needs_ocr_a_locked_document_a_password_and_a_broken_one_a_person()
    {
        var blank = await RecognizeAsync(SampleLibrary.Scan(3, TimeProvider.System) with { Content = BlankPicture() });
        Assert.That(blank.Decision, Is.EqualTo(RecognitionDecision.NeedsOcr), blank.Explanation);
        Assert.That((await RecognizeAsync(SampleLibrary.Encrypted(3, TimeProvider.System))).Decision, Is.EqualTo(RecognitionDecision.NeedsPassword));
        var broken = await RecognizeAsync(SampleLibrary.TextNamedPdf(TimeProvider.System));
        Assert.That((broken.Decision, broken.TemplateMatched), Is.EqualTo((RecognitionDecision.ManualSelection, (TemplateMatch?)null)));
        Assert.That(broken.Explanation, Does.StartWith("Its text couldn't be read"));
    }

    [Test]
    public async Task Another_accounts_recognition_is_not_there()
    {
        var document = await AcceptAsync(SampleLibrary.Claim(4, TimeProvider.System));
        await _host.SendAsync(new RecognizeTemplate(document), Submitter);
        await _host.SendAsync(new RecognizeTemplate(document)); // an administrator asks again: it stays the submitter's

        Assert.That(await _host.SendAsync(new GetRecognition.Query(document.Id.ToString()), Submitter), Has.Property("Success").True);
        Assert.That(() => _host.SendAsync(new GetRecognition.Query(document.Id.ToString()), Stranger), Throws.TypeOf<DoxException>().With.Property("Status").EqualTo(404));
        Assert.That(() => _host.SendAsync(new Recognize.Command(document.Id), Stranger), Throws.TypeOf<DoxException>().With.Property("Code").EqualTo("document_not_found"));
        Assert.That(() => _host.SendAsync(new Recognize.Command(Document: document), Stranger), Throws.TypeOf<DoxException>().With.Property("Status").EqualTo(403));
    }

    [Test]
    public async Task A_known_document_is_recognised_anew_over_http()
    {
        var document = await AcceptAsync(SampleLibrary.Claim(5, TimeProvider.System));
        var first = await _host.SendAsync(new RecognizeTemplate(document));

        using var again = await _host.Client.PostAsJsonAsync("/api/v1/recognize", new { document_id = document.Id.ToString(), options = new { max_candidates = 1, confidence_threshold = 0.999 } });
        var answer = await again.Content.ReadFromJsonAsync<JsonElement>();
        using var both = await _host.Client.PostAsJsonAsync("/api/v1/recognize", new { });
        using var unknown = await _host.Client.PostAsJsonAsync("/api/recognize/template", new { document_id = Id<Document>.New(TimeProvider.System).ToString() });
        using var threshold = await _host.Client.PostAsJsonAsync("/api/v1/recognize", new { document_id = document.Id.ToString(), confidence_threshold = 7 });

        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.OK), answer.GetRawText());
        Assert.That(answer.GetProperty("recognition_profile_id").GetString(), Is.Not.EqualTo(first.RecognitionProfileId.ToString()));
        Assert.That(both.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(threshold.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Templates_are_listed_page_by_page_and_shown_whole()
    {
        var first = await GetAsync("/api/v1/templates?limit=1");
        var second = await GetAsync($"/api/v1/templates?limit=1&cursor={first.GetProperty("next_cursor").GetString()}");
        var invoice = await GetAsync($"/api/v1/templates/{SampleLibrary.InvoiceFamily}");
        using var unknown = await _host.Client.GetAsync("/api/v1/templates/none");

        Assert.Multiple(() =>
        {
            Assert.That(first.GetProperty("templates")[0].GetProperty("id").GetString(), Is.EqualTo(SampleLibrary.ClaimFamily));
            Assert.That(second.GetProperty("templates")[0].GetProperty("id").GetString(), Is.EqualTo(SampleLibrary.InvoiceFamily));
            Assert.That(first.GetProperty("problems").GetArrayLength(), Is.Zero);
            Assert.That(invoice.GetProperty("fields").GetProperty("total").GetProperty("check").GetString(), Is.EqualTo("net + tax == total"));
            Assert.That(invoice.GetProperty("match").GetProperty("anchors")[0].GetProperty("text").GetString(), Is.EqualTo("Nordwind"));
            Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        });
    }

    [TestCase("limit=201", "invalid_limit")]
    [TestCase("cursor=%25", "invalid_cursor")]
    public async Task No_page_of_templates_is_made_up(string page, string code)
    {
        using var answer = await _host.Client.GetAsync($"/api/v1/templates?{page}");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain($"\"{code}\""));
    }

    [TestCase(0.86, RecognitionDecision.AutoAccepted)]
    [TestCase(0.85, RecognitionDecision.HumanReview)]
    [TestCase(0.50, RecognitionDecision.HumanReview)]
    [TestCase(0.49, RecognitionDecision.ManualSelection)]
    public async Task A_bare_confidence_is_decided_by_the_limits(double confidence, RecognitionDecision decision) =>
        Assert.That((await _host.SendAsync(new EvaluateConfidenceScore(confidence, 0.85, 0.50))).Decision, Is.EqualTo(decision));

    [Test]
    public async Task Decisions_are_counted_from_nought_on()
    {
        await RecognizeAsync(SampleLibrary.Letter(TimeProvider.System));

        var metrics = await _host.Client.GetStringAsync("/metrics");

        Assert.That(metrics, Does.Match("template_match_total\\{[^}]*decision=\"unknown\"[^}]*\\} [1-9]"));
        Assert.That(metrics, Does.Contain("decision=\"ambiguous\"").And.Contain("template_match_confidence_bucket"));
    }

    [Test]
    public async Task A_documents_structure_is_told()
    {
        var structure = await _host.SendAsync(new AnalyzePdfStructure(await AcceptAsync(SampleLibrary.Claim(6, TimeProvider.System))));

        Assert.That((structure.Readable, structure.Code, structure.PageCount, structure.HasText), Is.EqualTo((true, "ok", 1, true)));
        Assert.That(structure.Words, Is.GreaterThan(100));
        Assert.That(structure.RulingLines, Is.GreaterThan(4));
    }

    [Test]
    public void Fields_of_an_unknown_template_are_refused() => Assert.That(
        async () => await _host.SendAsync(new ExtractFields(await AcceptAsync(SampleLibrary.Letter(TimeProvider.System)), "none")),
        Throws.TypeOf<DoxException>().With.Property("Code").EqualTo("template_not_found"));

    private async Task<RecognitionRecord> RecognizeAsync(Sample sample) => await _host.SendAsync(new RecognizeTemplate(await AcceptAsync(sample)));

    private async Task<DocumentRef> AcceptAsync(Sample sample)
    {
        var store = _host.Services.GetRequiredService<IContentStore>();
        var id = Id<Document>.New(TimeProvider.System);
        var staged = await store.StageAsync(id, new MemoryStream(sample.Content), sample.Content.Length, CancellationToken.None);
        var document = new DocumentRef(id, staged.Sha256, staged.Length, sample.MediaType);
        await store.AcceptAsync(document, CancellationToken.None);
        return document;
    }

    private Task<StoredRecognition> StoredAsync(DocumentRef document) =>
        _host.InDb<TemplateMatchingDbContext, StoredRecognition>(db => db.Recognitions.AsNoTracking().SingleAsync(r => r.DocumentId == document.Id));

    private async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await _host.Client.GetAsync(path);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{path}: {body}");
        return JsonDocument.Parse(body).RootElement.Clone();
    }

    private static byte[] BlankPicture()
    {
        using var sheet = new SKBitmap(600, 800);
        sheet.Erase(SKColors.White);
        using var data = sheet.Encode(SKEncodedImageFormat.Png, 90);
        return data.ToArray();
    }
}
