using System.Text.Json.Nodes;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.Workflows;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Tests.Engine;

public sealed class StartConditionTests
{
    private static readonly RuleInterpreter Interpreter = new(TimeProvider.System);

    private static Action Start(string condition, params Role[] roles)
    {
        var rule = new RuleParser(new Vocabulary()).Parse(
            $"name: guarded\nversion: \"1.0.0\"\ntrigger: {{ type: manual }}\nconditions:\n  - {condition}\nsteps:\n  - {{ name: A, action: wait, params: {{ seconds: 1 }} }}\n", "guarded.yaml").Rule!;
        var run = RunState.Start(rule, "wf_1", new JsonObject { ["pages"] = 3 }, TimeProvider.System.GetUtcNow());
        return () => StartConditions.Demand(rule, run, new Caller("anna", "acc", [.. roles], []), Interpreter, _ => true);
    }

    [TestCase("{ type: user_permission, check: user authenticated }", Role.Submitter)]
    [TestCase("{ type: user_permission, check: operator or author }", Role.Author)]
    [TestCase("{ type: user_permission, check: operator }", Role.Admin)]
    [TestCase("{ type: custom_logic, check: pages < 5 }", Role.Submitter)]
    public void Condition_that_holds_lets_a_run_start(string condition, Role role) => Assert.That(() => Start(condition, role)(), Throws.Nothing);

    [TestCase("{ type: user_permission, check: operator or author }", 403)]
    [TestCase("{ type: custom_logic, check: pages > 5 }", 422)]
    [TestCase("{ type: custom_logic, check: nothing.x }", 422)]
    public void Condition_that_does_not_hold_is_named(string condition, int status)
    {
        var refusal = Assert.Throws<DoxException>(() => Start(condition, Role.Submitter)());
        Assert.Multiple(() =>
        {
            Assert.That((refusal.Status, refusal.Code), Is.EqualTo((status, "condition_not_met")));
            Assert.That(refusal.Message, Does.Contain(condition.Split("check: ")[1].TrimEnd(' ', '}')));
        });
    }

    [Test]
    public void Nobody_is_not_authenticated() =>
        Assert.That(() => Start("{ type: user_permission, check: user authenticated }")(), Throws.TypeOf<DoxException>());

    [Test]
    public void Condition_that_is_not_checked_is_said_by_the_linter()
    {
        var result = new RuleParser(new Vocabulary()).Parse(
            "name: a\nversion: \"1.0.0\"\ntrigger: { type: manual }\nconditions:\n  - { type: rate_limit, check: ten an hour }\nsteps:\n  - { name: A, action: wait, params: { seconds: 1 } }\n", "a.yaml");
        Assert.That(result.Diagnostics.Select(diagnostic => (diagnostic.Code, diagnostic.Line)), Is.EqualTo(new[] { ("condition-not-checked", 5) }));
    }
}
