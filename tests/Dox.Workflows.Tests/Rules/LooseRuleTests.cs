using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Workflows.Tests.Rules;

/// <summary>Rules as they were written for services that never linted them: what each loose notation becomes.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LooseRuleTests
{
    private readonly TestVocabulary _tests = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private RuleParseResult Read(string steps, string more = "") => _tests.TryParse(TestVocabulary.RuleOf(steps, more));

    private async Task<RunState> Run(string steps, string input, string more = "")
    {
        var result = Read(steps, more);
        Assert.That(result.Errors.Select(error => error.ToString()), Is.Empty);
        var state = RunState.Start(result.Rule!, "wf_1", JsonNode.Parse(input), _clock.GetUtcNow());
        await new RuleInterpreter(_clock).AdvanceAsync(result.Rule!, state, new RecordingServices { LongestPause = TimeSpan.Zero }, CancellationToken.None);
        return state;
    }

    private async Task<string> Value(string logic, string input) =>
        (await Run($"  - {{ name: First, action: custom_logic, params: {{ logic: '{logic}' }}, output: value }}", input)).Output!["value"]!.ToJsonString();

    [TestCase("0.5 <= confidence <= 0.85", """{"confidence":0.6}""", "true")]
    [TestCase("0.5 <= confidence <= 0.85", """{"confidence":0.9}""", "false")]
    [TestCase("status in [pending, open]", """{"status":"open"}""", "true")]
    [TestCase("status in [new, open]", """{"status":"new"}""", "true")]
    [TestCase("status in [ open , default,in ]", """{"status":"in"}""", "true")]
    [TestCase("status in [\"new\", return] ? 1 : 2", """{"status":"else"}""", "2")]
    [TestCase("\"x in [new]\" + status", """{"status":"!"}""", "\"x in [new]!\"")]
    [TestCase("size > 50MB", """{"size":52428801}""", "true")]
    [TestCase("1 if found else 0", """{"found":false}""", "0")]
    [TestCase("2 if size > 1KB else 3 if size > 10 else 4", """{"size":20}""", "3")]
    public async Task Conveniences_of_expressions_are_what_their_author_meant(string logic, string input, string value) =>
        Assert.That(await Value(logic, input), Is.EqualTo(value));

    [TestCase("{a, b}")]
    [TestCase("\"{a, b}\"")]
    public async Task Names_in_braces_pick_those_names_quoted_or_not(string braces)
    {
        await Run($"  - {{ name: First, action: look, params: {{ at: {braces} }} }}", """{"a":1,"b":[2]}""");
        Assert.That(_tests.Calls.Single().Parameters["at"]!.ToJsonString(), Is.EqualTo("""{"a":1,"b":[2]}"""));
    }

    [Test]
    public async Task Map_in_a_text_is_a_map()
    {
        await Run("""
              - { name: First, action: look, params: { at: "{kind: upload, size: {size}, when: {ISO8601 + 24h}}" } }
            """, """{"size":3}""");
        Assert.That(_tests.Calls.Single().Parameters["at"]!.ToJsonString(), Is.EqualTo("""{"kind":"upload","size":3,"when":"2026-03-02T12:00:00.000Z"}"""));
    }

    [TestCase("Log the error and escalate it", "escalate")]
    [TestCase("Return 413 Payload Too Large", "reject_request with 413")]
    [TestCase("Return HTTP 503 and notify the team", "reject_request with 503")]
    [TestCase("Retry 3 times, then escalate", "retry (3 more attempts)")]
    [TestCase("Queue for manual review", "manual_intervention")]
    [TestCase("Continue without a template", "skip_step")]
    [TestCase("Document is unprocessable", "fail")]
    [TestCase("Mark the document as failed and notify the submitter", "fail")]
    [TestCase("Whatever seems right", "escalate")]
    public void Prose_in_error_handling_is_taken_as_the_first_policy_that_it_says(string prose, string taken)
    {
        var result = Read("  - { name: First, action: look, on_failure: trouble }", $"error_handling: {{ trouble: \"{prose}\" }}");
        Assert.Multiple(() =>
        {
            Assert.That(result.Rule, Is.Not.Null);
            Assert.That(result.Diagnostics.Single().ToString(), Does.Contain("warning prose-policy").And.Contain($"is taken as {taken}."));
        });
    }

    [TestCase("Mark the document as failed", true)]
    [TestCase("Unable to go on", true)]
    [TestCase("Notify the team", false)]
    public void Linter_says_where_the_submitter_reads_why_a_run_failed(string prose, bool isSaid)
    {
        var result = Read("  - { name: First, action: look, on_failure: trouble }", $"error_handling: {{ trouble: \"{prose}\" }}");
        Assert.That(result.Diagnostics.Single().ToString().Contains("The submitter finds the reason in the document's status", StringComparison.Ordinal), Is.EqualTo(isSaid));
    }

    [Test]
    public async Task Prose_key_of_error_handling_that_goes_on_can_be_the_target_of_a_success()
    {
        var state = await Run("""
              - { name: First, action: look, on_success: nothing_found }
              - { name: Second, action: look }
            """, "{}", "error_handling: { nothing_found: Continue with the next step }");
        Assert.Multiple(() =>
        {
            Assert.That(state.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(_tests.CalledSteps, Is.EqualTo(new[] { "First", "Second" }));
        });
    }

    [Test]
    public void Prose_target_shows_the_branches_to_write_with_the_conditions_of_the_parameters()
    {
        var error = Read("""
              - name: Decide
                action: custom_logic
                params:
                  logic: check(confidence)
                  thresholds:
                    - { condition: "confidence > 0.85", action: Accept it }
                    - { condition: "0.5 <= confidence <= 0.85", action: send to Human Review }
                on_success: Accept, or Human Review, or else Selection by hand
              - { name: Accept, action: look }
              - { name: Human Review, action: look }
              - { name: Selection, action: look }
            """).Errors.Single();
        Assert.Multiple(() =>
        {
            Assert.That(error.Code, Is.EqualTo("unknown-step"));
            Assert.That(error.Suggestion, Is.EqualTo(
                """the steps are Decide, Accept, Human Review, Selection; for a choice write branches: [{ when: "confidence > 0.85", to: Accept }, { when: "0.5 <= confidence <= 0.85", to: Human Review }, { to: Selection }]"""));
        });
    }

    [TestCase("\"confidence > 0.85\": Accept", "{ when: \"confidence > 0.85\", to: Accept }")]
    [TestCase("accept: \"confidence > 0.85\"", "{ when: \"confidence > 0.85\", to: Accept }")]
    [TestCase("how: \"confidence > 0.85 -> Accept\"", "{ when: \"confidence > 0.85\", to: Accept }")]
    [TestCase("how: by looking", "{ when: …, to: Decide }")]
    public void Conditions_are_found_however_they_stand_in_the_parameters(string parameter, string branch)
    {
        var error = Read($$"""
              - name: Decide
                action: custom_logic
                params: { logic: check(confidence), {{parameter}} }
                on_success: Whatever fits
              - { name: Accept, action: look }
            """).Errors.Single();
        Assert.That(error.Suggestion, Does.Contain(branch));
    }

    [TestCase("trigger: { type: api_request, source: POST /api/upload from any client }", "POST /api/upload")]
    [TestCase("trigger: { type: api_request, source: POST /api/upload OR PUT /api/upload/again }", "POST /api/upload, PUT /api/upload/again")]
    [TestCase("trigger: { type: schedule, source: 0 9 * * * (every morning) }", "0 9 * * *")]
    [TestCase("trigger: { type: event, source: document_stored OR document_moved }", "document_stored, document_moved")]
    [TestCase("trigger: { type: cascade, source: sync_team_coordination when it ends }", "sync_team_coordination")]
    [TestCase("trigger: { type: sometimes, source: x }", "by hand")]
    [TestCase("trigger: { type: api_request, source: when a client uploads }", "by hand")]
    [TestCase("trigger: { type: api_request }", "by hand")]
    [TestCase("trigger: api_request", "by hand")]
    [TestCase("description: no trigger", "by hand")]
    public void Trigger_is_what_can_be_read_of_it(string trigger, string taken)
    {
        var result = _tests.TryParse(TestVocabulary.RuleOf("  - { name: First, action: look }").Replace("trigger: { type: manual, source: by a test }", trigger, StringComparison.Ordinal));
        Assert.That(result.Errors, Is.Empty);
        Assert.That(string.Join(", ", result.Rule!.Triggers.Select(one => one.Path is null ? one.Cron ?? one.Name ?? "by hand" : $"{one.Method} {one.Path}")), Is.EqualTo(taken));
    }

    [TestCase("1", "1.0.0")]
    [TestCase("2.1", "2.1.0")]
    [TestCase("v3.2.1 (draft)", "3.2.1")]
    [TestCase("newest", "1.0.0")]
    [TestCase("", "1.0.0")]
    public void Version_is_the_three_numbers_that_can_be_had_of_it(string version, string taken)
    {
        var result = _tests.TryParse(TestVocabulary.RuleOf("  - { name: First, action: look }").Replace("\"1.0.0\"", $"\"{version}\"", StringComparison.Ordinal));
        Assert.Multiple(() =>
        {
            Assert.That(result.Rule?.Version, Is.EqualTo(taken));
            Assert.That(result.Diagnostics.Single().Message, Does.Contain(taken));
        });
    }

    [TestCase("priority: urgent", "medium is taken")]
    [TestCase("error_handling: { trouble: { policy: retyr } }", "retyr")]
    [TestCase("error_handling: [retry]", "left out")]
    [TestCase("conditions: [ready]", "left out")]
    [TestCase("conditions: [{ type: weather, check: sunny }]", "documentation")]
    [TestCase("owner: the platform's team", "documentation")]
    [TestCase("memory_bank_updates: [{ file: A.json }]", "left out")]
    [TestCase("memory_bank_updates: [{ file: A.json, update: { last: \"{the time of today}\" } }]", "stays text")]
    public void Anything_else_is_a_warning_that_says_what_is_taken(string line, string says)
    {
        var result = Read("  - { name: First, action: look }", line);
        Assert.Multiple(() =>
        {
            Assert.That(result.Rule, Is.Not.Null);
            Assert.That(result.Diagnostics.Single().Severity, Is.EqualTo(DiagnosticSeverity.Warning));
            Assert.That(result.Diagnostics.Single().Message, Does.Contain(says));
        });
    }

    [TestCase("  - { name: First, action: api_call, params: { method: POST } }", "missing-parameter", "invalid_parameter")]
    [TestCase("  - { name: First, action: validate_data, params: { data: 1 } }", "missing-parameter", "invalid_parameter")]
    [TestCase("  - { name: First, action: wait }", "bad-wait", "invalid_parameter")]
    [TestCase("  - { name: First, action: data_transform, params: { mappings: all of them } }", "bad-value", "invalid_parameter")]
    public async Task Step_that_lacks_what_it_needs_loads_and_fails_when_it_is_run(string step, string code, string error)
    {
        Assert.That(Read(step).Diagnostics.Select(diagnostic => diagnostic.Code), Has.Some.EqualTo(code));
        if (step.Contains("api_call", StringComparison.Ordinal)) _tests.Script("First", StepOutcome.Failure("invalid_parameter", "'service' must be a text.", retryable: false));
        Assert.That((await Run(step, "{}")).Error!.Code, Is.EqualTo(error));
    }

    [TestCase("timeout_seconds: 30s", 30)]
    [TestCase("timeout_seconds: 5m", 300)]
    [TestCase("timeout_seconds: 1.5h", 5400)]
    [TestCase("timeout_seconds: \"250 ms\"", 0.25)]
    [TestCase("timeout_seconds: 45", 45)]
    [TestCase("params: { timeout_seconds: 2m }", 120)]
    public void Durations_may_have_a_unit(string key, double seconds) =>
        Assert.That(Read($"  - {{ name: First, action: look, {key} }}").Rule!.Steps[0].Timeout, Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [TestCase("timeout_seconds: a while")]
    [TestCase("timeout_seconds: -1")]
    [TestCase("timeout_seconds: 999h")]
    public void Duration_that_is_none_is_a_warning(string key)
    {
        var result = Read($"  - {{ name: First, action: look, {key} }}");
        Assert.Multiple(() =>
        {
            Assert.That(result.Rule!.Steps[0].Timeout, Is.Null);
            Assert.That(result.Diagnostics.Single().Code, Is.EqualTo("bad-duration"));
        });
    }

    [Test]
    public void Slash_in_a_steps_name_becomes_a_dash_and_its_targets_still_find_it()
    {
        var result = Read("""
              - { name: First, action: look, on_success: PDF/A Check }
              - { name: Second, action: look }
              - { name: PDF/A Check, action: look, on_success: Second }
            """);
        Assert.Multiple(() =>
        {
            Assert.That(result.Diagnostics.Select(diagnostic => diagnostic.Code), Has.Some.EqualTo("bad-name"));
            Assert.That(result.Rule!.Steps[2].Name, Is.EqualTo("PDF-A Check"));
            Assert.That(result.Diagnostics.Select(diagnostic => diagnostic.Code), Has.None.EqualTo("unknown-step").And.None.EqualTo("unreachable-step"));
        });
    }

    [Test]
    public async Task Function_may_be_named_without_its_arguments()
    {
        await Run("""
              - { name: First, action: custom_logic, params: { logic: check, limit: 3 } }
            """, """{"value":7}""");
        Assert.That(_tests.Calls.Single().Parameters["arguments"]!.ToJsonString(), Is.EqualTo("[7,3]"));
    }

    [TestCase("", """No step produces 'amont'; it is null unless the run is given it.""")]
    [TestCase("input: [amount]", """Nothing produces 'amont'; it is null.""")]
    public void Names_that_nothing_produces_are_named_once(string more, string says)
    {
        var found = Read("""
              - { name: First, action: custom_logic, params: { logic: "amont > 1" }, output: big }
              - { name: Second, action: custom_logic, params: { logic: "amont < 1" }, output: small, error_message: "It is {size_error}" }
            """, more).Diagnostics.Where(diagnostic => diagnostic.Code == "unknown-name").ToList();
        Assert.That(found.Select(diagnostic => (diagnostic.Message, diagnostic.Line)), Is.EqualTo(new[] { (says, 7) }));
    }
}
