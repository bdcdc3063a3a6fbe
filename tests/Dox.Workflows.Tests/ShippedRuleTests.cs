using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Workflows.Tests;

public sealed class ShippedRuleTests
{
    private TestVocabulary _tests = null!;
    private FakeTimeProvider _clock = null!;

    [SetUp]
    public void SetUp()
    {
        _tests = new TestVocabulary();
        _clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    }

    private async Task<(RunState State, RecordingServices Services)> Run(string rule, Action? script = null)
    {
        var rules = ShippedRules.Load(_tests);
        ShippedRules.ScriptTheGoodCase(_tests);
        script?.Invoke();
        var found = rules.Find(rule)!;
        var state = RunState.Start(found, "wf_1", ShippedRules.Input, _clock.GetUtcNow());
        var services = new RecordingServices { LongestPause = TimeSpan.Zero, Rules = rules.Find };
        await new RuleInterpreter(_clock).AdvanceAsync(found, state, services, CancellationToken.None);
        return (state, services);
    }

    [Test]
    public void Have_no_diagnostics() =>
        Assert.That(ShippedRules.Load(_tests).Files.SelectMany(file => file.Diagnostics.Select(diagnostic => $"{file.FileName}{diagnostic}")), Is.Empty);

    [Test]
    public async Task Sure_match_goes_through_to_completion()
    {
        var (state, services) = await Run("process_document_upload");
        Assert.Multiple(() =>
        {
            Assert.That(state.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(services.Attempts.Select(attempt => attempt.Step), Is.EqualTo(new[]
            {
                "File Validation", "File Storage", "Document Classification", "Manual Document Processing", "Evaluate Template Confidence", "Extract Fields",
                "Account Association", "Workflow Completion",
            }));
            Assert.That(state.Output!["template_id"]!.GetValue<string>(), Is.EqualTo("de.example.invoice"));
            Assert.That(Body("Account Association")["fields"]!.ToJsonString(), Is.EqualTo("""{"total":"11.90","number":"R-1"}"""));
            Assert.That(Body("File Storage")["document"]!["id"]!.GetValue<string>(), Is.EqualTo("doc_1"));
            Assert.That(Body("Manual Document Processing")["max_candidates"]!.GetValue<long>(), Is.EqualTo(10));
        });
    }

    [Test]
    public async Task Code_on_the_document_leads_to_system_processing()
    {
        var (_, services) = await Run("process_document_upload", () =>
        {
            _tests.Script("Document Classification", StepOutcome.Success(new JsonObject { ["found"] = true, ["account"] = "acc_7" }));
            _tests.Script("System Document Processing", StepOutcome.Success(new JsonObject { ["confidence"] = 0.9 }));
        });
        Assert.Multiple(() =>
        {
            Assert.That(services.Attempts.Select(attempt => attempt.Step), Has.Some.EqualTo("System Document Processing").And.None.EqualTo("Manual Document Processing"));
            Assert.That(Body("Account Association")["account_id"]!.GetValue<string>(), Is.EqualTo("acc_7"));
        });
    }

    [TestCase("human_review", "Human Review")]
    [TestCase("manual_selection", "Manual Selection")]
    [TestCase("ambiguous", "Manual Selection")]
    [TestCase("unknown", "Manual Selection")]
    [TestCase("needs_ocr", "Manual Selection")]
    [TestCase("needs_password", "Manual Selection")]
    public async Task Doubtful_match_waits_for_a_person(string decision, string step)
    {
        var (state, _) = await Run("process_document_upload", () =>
            _tests.Script("Evaluate Template Confidence", StepOutcome.Success(new JsonObject { ["decision"] = decision, ["confidence"] = 0.6, ["reason"] = "because" })));
        Assert.Multiple(() =>
        {
            Assert.That((state.Status, state.Cursor), Is.EqualTo((RunStatus.WaitingForHuman, step)));
            Assert.That(state.Wait!.Data!["message"]!.GetValue<string>(), Does.EndWith("because"));
            Assert.That(state.Wait.Data["evidence"]!["recognition"], Is.Not.Null);
        });
    }

    [Test]
    public async Task Refused_document_is_told_everything_at_once()
    {
        var (state, _) = await Run("process_document_upload", () =>
        {
            _tests.Script("MIME Type", ShippedRules.Check("mime_type", false, 415, "It is no PDF."));
            _tests.Script("Format Validation", ShippedRules.Check("format_validation", false, 422, "It doesn't open."));
        });
        Assert.Multiple(() =>
        {
            Assert.That(state.Status, Is.EqualTo(RunStatus.Failed));
            Assert.That(state.Error, Has.Property("Rejected").True.And.Property("HttpStatus").EqualTo(415).And.Property("Message").EqualTo("It is no PDF. It doesn't open."));
            Assert.That(state.Error!.Details!["findings"]!.AsArray(), Has.Count.EqualTo(2));
            Assert.That(state.Error.Details["steps_completed"]!.ToJsonString(), Is.EqualTo("""["file_size","virus_scan"]"""));
            Assert.That(_tests.Calls.Select(call => call.Step), Has.None.EqualTo("Rate Limit"), "what is refused anyway costs nothing of the quota");
            Assert.That(state.Error.Details["steps"]!["virus_scan"]!["passed"]!.GetValue<bool>(), Is.True);
        });
    }

    [Test]
    public async Task Document_waits_for_a_scanner_that_is_away()
    {
        var (state, services) = await Run("process_document_upload", () =>
        {
            _tests.Script("Virus Scan", ShippedRules.Check("virus_scan", false, 503, "No scanner.", "error"));
            _tests.Script("Scan Again", ShippedRules.Check("virus_scan", false, 503, "No scanner.", "error"), ShippedRules.Check("virus_scan", true));
        });
        Assert.That((state.Status, state.Cursor), Is.EqualTo((RunStatus.Waiting, "Await Scanner")));
        Assert.That(_tests.Calls.Select(call => call.Step), Has.Some.EqualTo("Rate Limit"));
        var delays = await GoOn(state, services);
        Assert.Multiple(() =>
        {
            Assert.That(delays, Is.EqualTo(new[] { 30.0, 30.0 }));
            Assert.That(state.Status, Is.EqualTo(RunStatus.Success));
        });
    }

    [Test]
    public async Task Document_waits_for_weeks_for_a_scanner()
    {
        const int rounds = 3000;
        var away = Enumerable.Repeat(0, rounds).Select(_ => ShippedRules.Check("virus_scan", false, 503, "No scanner.", "error"));
        var (state, services) = await Run("process_document_upload", () =>
        {
            _tests.Script("Virus Scan", ShippedRules.Check("virus_scan", false, 503, "No scanner.", "error"));
            _tests.Script("Scan Again", [.. away, ShippedRules.Check("virus_scan", true)]);
        });
        var delays = await GoOn(state, services);
        Assert.Multiple(() =>
        {
            Assert.That((delays[0], delays.Max()), Is.EqualTo((30.0, 900.0)));
            Assert.That(TimeSpan.FromSeconds(delays.Sum()), Is.GreaterThan(TimeSpan.FromDays(28)));
            Assert.That(state.Status, Is.EqualTo(RunStatus.Success));
        });
    }

    [TestCase("template_not_found", 404)]
    [TestCase("text_unreadable", 422)]
    public async Task Template_that_cant_be_read_with_goes_back_to_a_person(string code, int status)
    {
        var (state, _) = await Run("process_document_upload", () =>
            _tests.Script("Extract Fields", StepOutcome.Failure(code, "There is no template 'x'.", status, retryable: false)));
        Assert.Multiple(() =>
        {
            Assert.That((state.Status, state.Cursor), Is.EqualTo((RunStatus.WaitingForHuman, "Manual Selection")));
            Assert.That(state.Wait!.Data!["message"]!.GetValue<string>(), Is.EqualTo("There is no template 'x'."));
        });
    }

    [Test]
    public async Task Extraction_that_stays_away_escalates()
    {
        var failures = Enumerable.Range(0, 4).Select(_ => StepOutcome.Failure("unavailable", "No answer.", 503)).ToArray();
        var (state, services) = await Run("process_document_upload", () => _tests.Script("Extract Fields", failures));
        Assert.That(await GoOn(state, services), Has.Count.EqualTo(3));
        Assert.That((state.Status, state.Error!.Message), Is.EqualTo((RunStatus.Escalated, "The fields could not be read: No answer.")));
    }

    [Test]
    public async Task Service_that_stays_away_escalates_after_three_more_attempts()
    {
        var failures = Enumerable.Range(0, 4).Select(_ => StepOutcome.Failure("unavailable", "No answer.", 503)).ToArray();
        var (state, services) = await Run("process_document_upload", () => _tests.Script("File Storage", failures));
        Assert.That(await GoOn(state, services), Is.EqualTo(new[] { 0.1, 0.3, 0.9 }));
        Assert.Multiple(() =>
        {
            Assert.That(state.Status, Is.EqualTo(RunStatus.Escalated));
            Assert.That(state.Error!.Message, Is.EqualTo("The document could not be stored - No answer."));
        });
    }

    /// <summary>Moves the clock to each wake-up; what it had to wait, in seconds.</summary>
    private async Task<List<double>> GoOn(RunState state, RecordingServices services)
    {
        var delays = new List<double>();
        while (!state.HasEnded && state.WakeAt is { } wakeAt)
        {
            delays.Add((wakeAt - _clock.GetUtcNow()).TotalSeconds);
            _clock.SetUtcNow(wakeAt);
            await new RuleInterpreter(_clock).AdvanceAsync(services.FindRule(state.RuleName)!, state, services, CancellationToken.None);
        }

        return delays;
    }

    private JsonObject Body(string step) => (JsonObject)_tests.Calls.Single(call => call.Step == step).Parameters["body"]!;
}
