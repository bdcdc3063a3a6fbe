using Dox.Workflows.Rules;

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

    [Test]
    public void Endpoint_that_a_module_does_not_answer_is_an_error()
    {
        var error = _tests.TryParse(TestVocabulary.RuleOf("""
              - { name: First, action: api_call, params: { service: store, method: GET, endpoint: /api/document } }
            """)).Errors.Single();
        Assert.That(error.Suggestion, Does.Contain("POST /api/documents"));
    }

    [Test]
    public void Circle_without_a_wait_is_a_warning_and_one_with_a_wait_is_not()
    {
        const string steps = """
              - { name: First, action: look }
              - { name: Second, action: ACTION, params: { seconds: 1 }, branches: [{ when: "again", to: First }, { to: workflow_complete }] }
            """;
        Assert.Multiple(() =>
        {
            Assert.That(CodesOf("look"), Has.Some.EqualTo(("cycle-without-wait", 7)));
            Assert.That(CodesOf("wait"), Has.None.Matches<(string Code, int)>(found => found.Code == "cycle-without-wait"));
        });

        IEnumerable<(string, int)> CodesOf(string action) =>
            _tests.TryParse(TestVocabulary.RuleOf(steps.Replace("ACTION", action, StringComparison.Ordinal))).Diagnostics.Select(diagnostic => (diagnostic.Code, diagnostic.Line)).ToList();
    }

    [Test]
    public void Rules_with_one_trigger_are_named_together()
    {
        var parser = new RuleParser(_tests.Vocabulary);
        var rules = new RuleSet([Rule("first", "{ type: api_request, source: POST /api/a }"), Rule("second", "{ type: api_request, source: POST /api/a }"), Rule("third", "{ type: event, source: stored }")]);
        Assert.That(rules.Files.Select(file => string.Join(" ", file.Diagnostics.Select(diagnostic => diagnostic.Message))), Is.EqualTo(new[]
        {
            "POST /api/a is the route of 'second' too (second.yaml): 'first' answers it, and 'second' never runs by it, for the first doesn't name it.",
            "POST /api/a is the route of 'first' too (first.yaml): 'first' answers it, and 'second' never runs by it, for the first doesn't name it.",
            "",
        }));

        RuleParseResult Rule(string name, string trigger) => parser.Parse(
            TestVocabulary.RuleOf("  - { name: First, action: look }", name: name).Replace("{ type: manual, source: by a test }", trigger, StringComparison.Ordinal), $"{name}.yaml");
    }

    [Test]
    public void Same_text_with_other_line_ends_is_the_same_rule()
    {
        var yaml = TestVocabulary.RuleOf("  - { name: First, action: look }");
        Assert.That(_tests.Parse(yaml.ReplaceLineEndings("\r\n")).Hash, Is.EqualTo(_tests.Parse(yaml.ReplaceLineEndings("\n")).Hash));
    }
}
