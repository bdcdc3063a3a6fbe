namespace Dox.Workflows.Tests.Rules;

public sealed class RuleParserTests
{
    private readonly TestVocabulary _tests = new();

    [Test]
    public void Good_rule_has_no_diagnostics()
    {
        var result = _tests.TryParse(TestVocabulary.RuleOf("""
              - name: First
                action: api_call
                params: { service: store, method: POST, endpoint: /api/documents }
            """));
        Assert.Multiple(() =>
        {
            Assert.That(result.Diagnostics, Is.Empty);
            Assert.That(result.Rule!.Hash, Has.Length.EqualTo(64));
            Assert.That(result.Rule.Steps.Select(step => step.Name), Is.EqualTo(new[] { "First" }));
        });
    }

    [Test]
    public void Ten_mistakes_are_all_named_with_their_places()
    {
        var result = _tests.TryParse("""
            name: Bad-Name
            service: Tests
            version: "one"
            prioritty: high
            trigger: { type: schedule, source: every morning }
            steps:
              - name: First
                action: api_cal
              - name: Second
                action: api_call
                params: { service: stor, endpoint: /api/documents, bodi: 1 }
                on_success: Thrid
              - name: Third
                action: custom_logic
                params: { logic: chekc(value) }
              - name: Third
                action: custom_logic
                params: { logic: "1 +" }
            """);
        var found = result.Diagnostics.Select(diagnostic => (diagnostic.Code, diagnostic.Line, diagnostic.Column)).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(result.Rule, Is.Null);
            Assert.That(found, Does.Contain(("bad-name", 1, 7)));
            Assert.That(found, Does.Contain(("bad-version", 3, 10)));
            Assert.That(found, Does.Contain(("unknown-key", 4, 1)));
            Assert.That(found, Does.Contain(("bad-cron", 5, 36)));
            Assert.That(found, Does.Contain(("unknown-action", 8, 13)));
            Assert.That(found, Does.Contain(("unknown-service", 11, 24)));
            Assert.That(found, Does.Contain(("unknown-parameter", 11, 56)));
            Assert.That(found, Does.Contain(("unknown-function", 15, 22)));
            Assert.That(found, Does.Contain(("duplicate-step", 16, 11)));
            Assert.That(found, Does.Contain(("bad-expression", 18, 22)));
            Assert.That(Suggestion("unknown-key"), Does.Contain("priority"));
            Assert.That(Suggestion("unknown-action"), Does.Contain("api_call"));
            Assert.That(Suggestion("unknown-service"), Does.Contain("store"));
            Assert.That(Suggestion("unknown-function"), Does.Contain("check"));
        });

        string? Suggestion(string code) => result.Diagnostics.First(diagnostic => diagnostic.Code == code).Suggestion;
    }

    [Test]
    public void Target_that_is_no_step_is_an_error_with_the_nearest_name()
    {
        var error = _tests.TryParse(TestVocabulary.RuleOf("""
              - { name: First, action: look, on_success: Secnod }
              - { name: Second, action: look }
            """)).Errors.Single();
        Assert.Multiple(() =>
        {
            Assert.That(error.Code, Is.EqualTo("unknown-step"));
            Assert.That((error.Line, error.Column), Is.EqualTo((7, 46)));
            Assert.That(error.Suggestion, Does.Contain("Second"));
        });
    }

    [Test]
    public void Prose_as_target_lists_the_steps_and_shows_branches()
    {
        var error = _tests.TryParse(TestVocabulary.RuleOf("""
              - { name: First, action: look, on_success: "Go on with whatever seems best to you" }
              - { name: Second, action: look }
            """)).Errors.Single();
        Assert.That(error.Suggestion, Does.Contain("First, Second").And.Contain("branches:"));
    }

    [Test]
    public void Step_that_nothing_leads_to_is_a_warning()
    {
        var result = _tests.TryParse(TestVocabulary.RuleOf("""
              - { name: First, action: look, on_success: workflow_complete }
              - { name: Second, action: look }
            """));
        Assert.That(result.Diagnostics.Select(diagnostic => (diagnostic.Code, diagnostic.Line)), Is.EqualTo(new[] { ("unreachable-step", 8) }));
    }

    [Test]
    public void Loop_without_a_way_out_is_a_warning()
    {
        var result = _tests.TryParse(TestVocabulary.RuleOf("""
              - { name: First, action: look }
              - { name: Second, action: look, on_success: First }
            """));
        Assert.That(result.Diagnostics.Select(diagnostic => diagnostic.Code), Has.Some.EqualTo("endless-loop"));
    }

    [Test]
    public void Name_that_nothing_produces_is_a_warning()
    {
        var result = _tests.TryParse(TestVocabulary.RuleOf("""
              - { name: First, action: data_transform, params: { mappings: { total: "${ amout * 2 }" } } }
            """, "input: [amount]"));
        Assert.That(result.Diagnostics.Single().ToString(), Does.Contain("unknown-name").And.Contain("did you mean 'amount'"));
    }

    [TestCase("parallel")]
    [TestCase("for_each")]
    public void Action_that_is_not_supported_yet_is_refused_by_name(string action)
    {
        var error = _tests.TryParse(TestVocabulary.RuleOf($"  - {{ name: First, action: {action} }}")).Errors.Single();
        Assert.That(error.Code, Is.EqualTo("action-not-supported"));
    }

    [Test]
    public void Endpoint_that_a_module_does_not_answer_is_an_error()
    {
        var error = _tests.TryParse(TestVocabulary.RuleOf("""
              - { name: First, action: api_call, params: { service: store, method: GET, endpoint: /api/document } }
            """)).Errors.Single();
        Assert.That(error.Suggestion, Does.Contain("POST /api/documents"));
    }

    [Test]
    public void Words_after_path_and_cron_are_ignored_and_or_means_either()
    {
        var rule = _tests.Parse(TestVocabulary.RuleOf("  - { name: First, action: look }").Replace(
            "trigger: { type: manual, source: by a test }",
            "trigger:\n  - { type: api_request, source: POST /api/a (from clients) OR PUT /api/b }\n  - { type: schedule, source: 0 9 * * * every morning }",
            StringComparison.Ordinal));
        Assert.Multiple(() =>
        {
            Assert.That(rule.Triggers.Select(trigger => (trigger.Method, trigger.Path)), Is.EqualTo(new[] { ("POST", "/api/a"), ("PUT", "/api/b"), (null, null) }));
            Assert.That(rule.Triggers[2].Cron, Is.EqualTo("0 9 * * *"));
        });
    }

    [TestCase("Return 413 to the client", "reject_request with 413")]
    [TestCase("Log it and continue with the next step", "skip_step")]
    [TestCase("Retry up to 5 times with backoff", "retry (5 more attempts)")]
    [TestCase("Send to a human", "manual_intervention")]
    [TestCase("Mark document as failed", "fail")]
    [TestCase("Notify the team", "escalate")]
    [TestCase("Do something", "escalate")]
    public void Prose_policy_is_taken_as_the_first_thing_that_it_says(string prose, string taken)
    {
        var result = _tests.TryParse(TestVocabulary.RuleOf("  - { name: First, action: look, on_failure: trouble }", $"error_handling: {{ trouble: {prose} }}"));
        Assert.That(result.Diagnostics.Single().Message, Does.EndWith($"is taken as {taken}."));
    }

    [Test]
    public void Same_text_with_other_line_ends_is_the_same_rule()
    {
        var yaml = TestVocabulary.RuleOf("  - { name: First, action: look }");
        Assert.That(_tests.Parse(yaml.ReplaceLineEndings("\r\n")).Hash, Is.EqualTo(_tests.Parse(yaml.ReplaceLineEndings("\n")).Hash));
    }
}
