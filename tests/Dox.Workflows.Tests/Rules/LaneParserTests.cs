using Dox.Workflows.Actions;

namespace Dox.Workflows.Tests.Rules;

public sealed class LaneParserTests
{
    private readonly TestVocabulary _tests = new();

    [TestCase("action: parallel", "bad-lanes")]
    [TestCase("action: for_each, params: { items: list }", "bad-lanes")]
    [TestCase("action: parallel, params: { branches: {} }", "bad-lanes")]
    [TestCase("action: parallel, params: { branches: { a: [] } }", "no-steps")]
    [TestCase("action: parallel, params: { branches: { a: 1 } }", "no-steps")]
    [TestCase("action: parallel, params: { branches: [{ steps: [{ name: A, action: look }] }] }", "bad-lanes")]
    [TestCase("action: parallel, params: { branches: { a/b: [{ name: A, action: look }] } }", "bad-lanes")]
    [TestCase("action: parallel, params: { join: 2, branches: { a: [{ name: A, action: look }] } }", "bad-lanes")]
    [TestCase("action: parallel, params: { join: most, branches: { a: [{ name: A, action: look }] } }", "bad-lanes")]
    [TestCase("action: parallel, params: { branches: { a: [{ name: A, action: lok }] } }", "unknown-action")]
    [TestCase("action: parallel, params: { branches: { a: [{ name: A, action: look, on_success: Last }] } }", "unknown-step")]
    [TestCase("action: parallel, params: { branches: { a: [{ name: A, action: look }, { name: A, action: look }] } }", "duplicate-step")]
    [TestCase("action: parallel, params: { branches: [{ name: a, steps: [{ name: A, action: look }] }, { name: a, steps: [{ name: A, action: look }] }] }", "duplicate-branch")]
    [TestCase("action: for_each, params: { items: list, concurrency: 65, steps: [{ name: A, action: look }] }", "bad-lanes")]
    [TestCase("action: for_each, params: { items: list, concurrency: 1.5, steps: [{ name: A, action: look }] }", "bad-lanes")]
    [TestCase("action: for_each, params: { items: list, as: steps, steps: [{ name: A, action: look }] }", "bad-lanes")]
    [TestCase("action: for_each, params: { items: 'a b', steps: [{ name: A, action: look }] }", "bad-expression")]
    public void Mistake_in_lanes_is_named(string step, string code)
    {
        var errors = _tests.TryParse(TestVocabulary.RuleOf($"  - {{ name: First, {step} }}\n  - {{ name: Last, action: look }}")).Errors.ToList();
        Assert.That(errors.Select(error => error.Code), Does.Contain(code));
        Assert.That(errors, Has.All.Property("Line").GreaterThan(1));
    }

    [Test]
    public void Lanes_in_lanes_have_an_end()
    {
        Assert.That(Nested(FanOutOperation.Deepest, 1), Is.Empty);
        Assert.That(Nested(FanOutOperation.Deepest + 1, 1), Is.EqualTo(new[] { "lanes-too-deep" }));
    }

    [Test]
    public void Lanes_at_once_have_an_end()
    {
        Assert.That(Nested(2, 16), Is.Empty);
        Assert.That(Nested(2, 17), Is.EqualTo(new[] { "too-many-lanes" }));
    }

    [Test]
    public void Path_that_the_journal_cannot_hold_is_refused()
    {
        var name = new string('x', 99);
        var result = _tests.TryParse(TestVocabulary.RuleOf($"  - {{ name: {name}, action: for_each, params: {{ items: list, steps: [{{ name: {name}, action: look }}] }} }}"));
        Assert.That(result.Errors.Select(error => error.Code), Is.EqualTo(new[] { "path-too-long" }));
    }

    [Test]
    public void Steps_of_lanes_are_found_by_path()
    {
        var rule = _tests.Parse(TestVocabulary.RuleOf("""
              - name: Fan out
                action: parallel
                params:
                  branches:
                    a: [{ name: Each, action: for_each, params: { items: list, steps: [{ name: Check, action: look }] } }]
                    b: { steps: [{ name: Check, action: look, on_success: Next }, { name: Next, action: look }] }
            """));
        Assert.Multiple(() =>
        {
            Assert.That(rule.FindStep("Fan out/a/Each/17/Check"), Is.Not.Null.And.Not.SameAs(rule.FindStep("Fan out/b/Check")));
            Assert.That(rule.FindStep("Fan out/b/Next")!.Line, Is.EqualTo(12));
            Assert.That(rule.FindStep("Fan out/c/Check"), Is.Null);
            Assert.That(rule.FindStep("Fan out/a/Each/x/Check"), Is.Null);
            Assert.That(rule.FindStep("Check"), Is.Null);
            Assert.That(rule.AllSteps.Select(step => step.Name), Is.EqualTo(new[] { "Fan out", "Each", "Check", "Check", "Next" }));
        });
    }

    private IEnumerable<string> Nested(int depth, int concurrency)
    {
        var step = "{ name: In, action: look }";
        for (var i = 0; i < depth; i++) step = $"{{ name: S{i}, action: for_each, params: {{ items: list, concurrency: {concurrency}, steps: [{step}] }} }}";
        return _tests.TryParse(TestVocabulary.RuleOf($"  - {step}")).Errors.Select(error => error.Code);
    }
}
