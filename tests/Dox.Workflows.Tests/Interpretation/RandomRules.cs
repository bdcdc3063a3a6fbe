using CsCheck;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Tests.Interpretation;

/// <summary>Small random rules of everything that a step can be.</summary>
internal static class RandomRules
{
    private static readonly string[] Actions =
    [
        "action: look", "action: flaky, params: { fails: 1 }", "action: flaky, params: { fails: 9 }", "action: api_call, params: { service: store }",
        "action: custom_logic, params: { logic: double(n) }, output: n", "action: data_transform, params: { mappings: { m: \"${ n + 1 }\" } }",
        "action: wait, params: { seconds: 5 }", "action: manual_intervention, params: { team: Document }", "action: look, when: n < 3",
        "action: look, output: x, compensate: { action: look, params: { at: \"{n}\" } }",
    ];

    private static readonly string[] OnFailure =
        ["", ", on_failure: retry", ", on_failure: skip_step", ", on_failure: escalate", ", on_failure: rollback", ", retry: { max_attempts: 2, jitter: true }", ", on_failure: Last", ", on_failure: manual_intervention"];

    // The ways back are open only while the first step still counts, so that every rule ends
    private static readonly string[] Onward = ["", ", on_success: workflow_complete", ", branches: [{ when: n > 3, to: Last }, { to: First }]", ", branches: [{ when: n < 20, to: First }]"];

    private static readonly Gen<string> Step = Gen.Select(OneOf(Actions), OneOf(OnFailure), OneOf(Onward), (action, failure, onward) => action + failure + onward);

    public static readonly Gen<string> Rule = Step.Array[1, 5].Select(steps => TestVocabulary.RuleOf($"""
          - {"{"} name: First, action: custom_logic, params: {"{"} logic: double(n) {"}"}, output: n {"}"}
        {string.Join("\n", steps.Select((step, i) => $"  - {{ name: S{i}, {step} }}"))}
          - {"{"} name: Last, action: look {"}"}
        """));

    private static Gen<string> OneOf(string[] choices) => Gen.Int[0, choices.Length - 1].Select(index => choices[index]);

    /// <summary>An action that fails its first attempts of each visit.</summary>
    public static void AddFlaky(TestVocabulary tests) => tests.Vocabulary.Add(new ActionDefinition("flaky", "", [new("fails")], (call, _) =>
        new(call.Attempt <= JsonValues.TryDouble(call.Parameters["fails"]) ? StepOutcome.Failure("flaky", "Not yet.") : StepOutcome.Success())));
}
