using System.Net;
using Dox.Host.Demo;
using Dox.Host.Demo.Samples;

namespace Dox.Host.Tests.Demo;

public sealed class DemoVerdictTests
{
    private const string Template = SampleLibrary.InvoiceFamily + ".v1";

    private static readonly Submission Accepted = new(HttpStatusCode.Accepted, "doc_1", "wf_1", "clean");

    private static readonly DocumentState Success = new("success", null, AtRest: true, null)
    {
        Decision = "auto_accepted",
        Confidence = 0.97,
        TemplateId = Template,
        ApprovalType = "auto_accepted",
    };

    private static readonly DocumentState Waiting = new("waiting_for_human", "Human Review", AtRest: true, null)
    {
        Decision = "human_review",
        Confidence = 0.7,
        TemplateId = Template,
    };

    [Test]
    public void Recognised_document_ended_right() => Assert.That(Complaint(Ending.Matched, Accepted, Success), Is.Null);

    [Test]
    public void Document_that_was_never_answered_is_named() => Assert.That(Complaint(Ending.Matched, null, null), Does.Contain("never answered"));

    [Test]
    public void Run_that_goes_on_did_not_come_to_rest() => Assert.That(
        Complaint(Ending.Matched, Accepted, Success with { RunStatus = "running", CurrentStep = "File Storage", AtRest = false }),
        Does.Contain("come to rest").And.Contain("'File Storage'"));

    [Test]
    public void Failed_run_is_no_success() => Assert.That(Complaint(Ending.Matched, Accepted, Success with { RunStatus = "failed" }), Does.Contain("failed"));

    [Test]
    public void Other_family_is_no_match() => Assert.That(
        Complaint(Ending.Matched, Accepted, Success with { TemplateId = SampleLibrary.ClaimFamily }), Does.Contain(SampleLibrary.ClaimFamily));

    [Test]
    public void Refused_invoice_did_not_match() => Assert.That(Complaint(Ending.Matched, Refused(415, "mime_type"), null), Does.Contain("415"));

    [Test]
    public void Review_must_be_decided() => Assert.That(Complaint(Ending.HumanReview, Accepted, Waiting), Does.Contain("no review"));

    [Test]
    public void Decided_review_ended_right() => Assert.That(
        Complaint(Ending.HumanReview, Accepted, Success with { ApprovalType = "human_approved" }, before: Waiting), Is.Null);

    [Test]
    public void Nearly_matching_document_must_not_be_unknown() => Assert.That(
        Complaint(Ending.HumanReview, Accepted, Success with { ApprovalType = "human_approved" }, before: Waiting with { Decision = "unknown" }),
        Does.Contain("unknown"));

    [Test]
    public void Unknown_document_waits_for_a_person() => Assert.That(
        Complaint(Ending.ManualSelection, Accepted, Waiting with { Decision = "unknown", TemplateId = null }), Is.Null);

    [Test]
    public void Unknown_document_must_not_be_recognised() => Assert.That(
        Complaint(Ending.ManualSelection, Accepted, Waiting), Does.Contain("no template fits"));

    [Test]
    public void Document_is_refused_by_its_step() => Assert.That(Complaint(Ending.Refused, Refused(422, "format_validation"), null), Is.Null);

    [Test]
    public void Refusal_by_another_step_is_named() => Assert.That(Complaint(Ending.Refused, Refused(415, "mime_type"), null), Does.Contain("mime_type"));

    [Test]
    public void Server_error_is_no_refusal() => Assert.That(Complaint(Ending.Refused, Refused(500, "format_validation"), null), Does.Contain("500"));

    [Test]
    public void Test_virus_passes_unscanned_alone()
    {
        Assert.That(Complaint(Ending.RefusedWhenScanned, Accepted with { Scan = "not_scanned" }, Success), Is.Null);
        Assert.That(Complaint(Ending.RefusedWhenScanned, Accepted, Success), Does.Contain("accepted"));
    }

    private static Submission Refused(int status, string step) => new((HttpStatusCode)status, null, null, null) { Step = step, Code = "some_code" };

    private static string? Complaint(Ending expected, Submission? submission, DocumentState? state, DocumentState? before = null) => DemoVerdict.Complaint(
        new DemoDocument(new Sample("a.pdf", "application/pdf", [], "a sample", expected, SampleLibrary.InvoiceFamily) { RefusingSteps = ["format_validation"] })
        {
            Submission = submission,
            State = state,
            BeforeDecision = before,
        });
}
