using System.Text.Json.Nodes;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.Validation.Contracts;
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

    [TestCase(true)]
    [TestCase(false)]
    public void Quota_that_is_used_up_refuses_the_start_and_says_when_to_come_again(bool isWithin)
    {
        var rule = new RuleParser(new Vocabulary()).Parse(
            "name: guarded\nversion: \"1.0.0\"\ntrigger: { type: manual }\nconditions:\n  - { type: rate_limit, check: user within limits }\nsteps:\n  - { name: A, action: wait, params: { seconds: 1 } }\n", "guarded.yaml").Rule!;
        var run = RunState.Start(rule, "wf_1", new JsonObject(), TimeProvider.System.GetUtcNow());
        var quota = new RateLimitInfo(isWithin, 24, 100, 100, 100, 500, isWithin ? null : "user", isWithin ? 0 : 60);
        void Demand() => StartConditions.Demand(rule, run, new Caller("anna", "acc", [Role.Submitter], []), Interpreter, _ => true, quota);

        Assert.That(StartConditions.AsksForQuota(rule), Is.True);
        if (isWithin) Assert.That(Demand, Throws.Nothing);
        else Assert.That(Demand, Throws.TypeOf<DoxException>().With.Property(nameof(DoxException.Status)).EqualTo(429).And.Property(nameof(DoxException.RetryAfter)).EqualTo(TimeSpan.FromSeconds(60)));
    }

    [Test]
    public void Nobody_is_not_authenticated() =>
        Assert.That(() => Start("{ type: user_permission, check: user authenticated }")(), Throws.TypeOf<DoxException>());

    [Test]
    public void Condition_that_is_not_checked_is_said_by_the_linter()
    {
        var result = new RuleParser(new Vocabulary()).Parse(
            "name: a\nversion: \"1.0.0\"\ntrigger: { type: manual }\nconditions:\n  - { type: file_validation, check: a clean file }\nsteps:\n  - { name: A, action: wait, params: { seconds: 1 } }\n", "a.yaml");
        Assert.That(result.Diagnostics.Select(diagnostic => (diagnostic.Code, diagnostic.Line)), Is.EqualTo(new[] { ("condition-not-checked", 5) }));
    }
}
