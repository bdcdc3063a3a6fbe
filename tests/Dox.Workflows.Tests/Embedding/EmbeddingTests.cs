using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests.Embedding;

/// <summary>What a service writes that runs rules of its own without a host.</summary>
public sealed class EmbeddingTests
{
    private const string Shipping = """
        name: choose_carrier
        service: shop
        version: "1.0.0"
        mode: embedded
        trigger: { type: manual, source: the shop }
        input: [order]
        configuration: { heavy: 31.5 }
        steps:
          - name: Weigh
            action: custom_logic
            params: { logic: weigh(order.items) }
            output: weight
            branches:
              - { when: weight > heavy, to: Freight }
              - { to: Parcel }
          - name: Freight
            action: data_transform
            params: { mappings: { carrier: freight } }
            on_success: workflow_complete
          - name: Parcel
            action: data_transform
            params: { mappings: { carrier: parcel } }
        output: "{carrier, weight}"
        """;

    [TestCase(1.5, "parcel")]
    [TestCase(20, "freight")]
    public async Task Service_runs_a_rule_of_its_own(double each, string carrier)
    {
        var vocabulary = new Vocabulary().AddFunction("weigh", ["items"], arguments =>
            arguments[0]!.AsArray().Sum(item => JsonValues.TryDouble(item!["kg"])));
        var rules = new RuleSet([new RuleParser(vocabulary).Parse(Shipping, "choose_carrier.yaml")]);
        var runner = new WorkflowRunner(rules, TimeProvider.System);

        var run = await runner.RunAsync("choose_carrier", new JsonObject
        {
            ["order"] = new JsonObject { ["items"] = new JsonArray(new JsonObject { ["kg"] = each }, new JsonObject { ["kg"] = each }) },
        });

        Assert.Multiple(() =>
        {
            Assert.That(run.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(run.Output!["carrier"]!.GetValue<string>(), Is.EqualTo(carrier));
        });
    }

    [Test]
    public async Task Run_that_waits_for_a_person_is_answered_later()
    {
        var parsed = new RuleParser(new Vocabulary()).Parse(TestVocabulary.RuleOf("  - { name: Ask, action: manual_intervention, params: { subject: Well? } }"), "ask.yaml");
        var runner = new WorkflowRunner(new RuleSet([parsed]), TimeProvider.System);
        var run = await runner.RunAsync("test_rule", null);
        Assert.That(run.Status, Is.EqualTo(RunStatus.WaitingForHuman));
        Assert.That(await runner.AnswerAsync(run, new WaitAnswer("Ask", 1, WaitDecision.Done, new JsonObject { ["answer"] = 42 })), Is.True);
        Assert.That(run.Output!["answer"]!.GetValue<int>(), Is.EqualTo(42));
    }

    [Test]
    public void Unknown_rule_is_said_by_name() =>
        Assert.That(async () => await new WorkflowRunner(new RuleSet([]), TimeProvider.System).RunAsync("nothing", null), Throws.TypeOf<KeyNotFoundException>());

    [Test]
    public async Task Rule_runs_another_inside_its_step()
    {
        var parser = new RuleParser(new Vocabulary());
        var inner = parser.Parse(TestVocabulary.RuleOf("  - { name: In, action: data_transform, params: { mappings: { y: \"${ x + 1 }\" } } }", "mode: embedded", "inner"), "inner.yaml");
        var outer = parser.Parse(TestVocabulary.RuleOf("  - { name: Out, action: run_workflow, params: { rule: inner, input: { x: 1 } }, output: result }", name: "outer"), "outer.yaml");
        var run = await new WorkflowRunner(new RuleSet([inner, outer]), TimeProvider.System).RunAsync("outer", null);
        Assert.That(run.Output!.ToJsonString(), Is.EqualTo("""{"result":{"y":2}}"""));
    }

    [Test]
    public async Task Rule_that_calls_itself_is_stopped()
    {
        var parsed = new RuleParser(new Vocabulary()).Parse(TestVocabulary.RuleOf("  - { name: Again, action: run_workflow, params: { rule: test_rule } }", "mode: embedded"), "a.yaml");
        var run = await new WorkflowRunner(new RuleSet([parsed]), TimeProvider.System).RunAsync("test_rule", null);
        Assert.That(run.Error!.Code, Is.EqualTo("nested_too_deep"));
    }

    [Test]
    public async Task Durable_rule_inside_a_step_needs_an_engine()
    {
        var parser = new RuleParser(new Vocabulary());
        var inner = parser.Parse(TestVocabulary.RuleOf("  - { name: In, action: wait, params: { seconds: 1 } }", name: "inner"), "inner.yaml");
        var outer = parser.Parse(TestVocabulary.RuleOf("  - { name: Out, action: run_workflow, params: { rule: inner } }", name: "outer"), "outer.yaml");
        var run = await new WorkflowRunner(new RuleSet([inner, outer]), TimeProvider.System).RunAsync("outer", null);
        Assert.That(run.Error!.Code, Is.EqualTo("no_engine"));
    }
}
