using System.Globalization;
using System.Text;
using Dox.Simulation.Tests.Scheduling;

namespace Dox.Simulation.Tests.Surroundings;

/// <summary>Random rules of everything that a step can be. Each of them ends: a way back is open only while a counter allows it.</summary>
internal static class RandomRules
{
    private static readonly string[] Actions =
    [
        "action: effect", "action: effect", "action: effect, params: { fails: 1 }", "action: effect, params: { unsure: 1 }", "action: effect, params: { fails: 9 }",
        "action: effect, params: { given: \"{n}\" }, output: r", "action: look, output: x",
        "action: custom_logic, params: { logic: n + 1 }, output: n", "action: data_transform, params: { mappings: { m: \"${ n * 2 }\" } }",
        "action: wait, params: { seconds: 0.4 }", "action: wait, params: { seconds: 6 }",
        "action: manual_intervention, params: { team: Document, subject: Well? }",
        "action: effect, when: n % 2 == 0", "action: effect, when: r?.value > 50",
        "action: effect, output: y, compensate: { action: effect, params: { undoes: \"{n}\" } }",
        "action: effect, compensate: { action: effect, params: { fails: 1 } }",
    ];

    // Lanes that all succeed, in whatever order: any other end would depend on which of them is faster
    private static readonly string[] Lanes =
    [
        """action: for_each, params: { items: "${ [1, 2, 3] }", concurrency: 2, steps: [{ name: E, action: effect, params: { given: "{item}" }, output: made }, { name: L, action: look }] }""",
        """action: for_each, params: { items: "${ [1, 2] }", steps: [{ name: E, action: effect, params: { fails: 1 }, retry: { max_attempts: 3, base_delay_ms: 50 }, compensate: { action: effect } }] }""",
        "action: parallel, params: { branches: { a: [{ name: A, action: effect }, { name: W, action: wait, params: { seconds: 0.4 } }, { name: B, action: effect }], b: [{ name: C, action: effect, params: { unsure: 1 }, on_failure: skip_step }] } }",
        "action: parallel, params: { branches: { ask: [{ name: Q, action: manual_intervention, params: { team: Document, subject: Well? }, on_failure: skip_step }], ask2: [{ name: R, action: manual_intervention, params: { team: Document, subject: Well? }, on_failure: skip_step }], work: [{ name: A, action: effect }, { name: B, action: effect }] } }",
        """action: for_each, params: { items: "${ [1, 2] }", concurrency: 2, steps: [{ name: K, action: run_workflow, params: { rule: CHILD, input: { n: "{item}" } }, on_failure: skip_step }] }""",
    ];

    private static readonly string[] Children = ["action: run_workflow, params: { rule: CHILD, input: { n: 1 } }, output: kept", "action: run_workflow, params: { rule: CHILD, input: { n: 2 } }, output: made"];

    private static readonly string[] OnFailure =
    [
        "", ", on_failure: retry", ", on_failure: skip_step", ", on_failure: escalate", ", on_failure: rollback", ", retry: { max_attempts: 3, base_delay_ms: 50, jitter: true }",
        ", on_failure: Last", ", on_failure: manual_intervention",
    ];

    private static readonly string[] Onward = ["", "", "", ", on_success: workflow_complete", ", branches: [{ when: n > 3, to: Last }, { to: First }]", ", branches: [{ when: n < 6, to: First }]"];

    /// <param name="name">The rule's.</param>
    /// <param name="dice">Chooses.</param>
    /// <param name="child">A rule that its steps may start; null: none.</param>
    public static string Write(string name, Dice dice, string? child)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            name: {name}
            service: Simulation
            version: "1.0.0"
            priority: {dice.Of<string>(["high", "medium", "low"])}
            trigger: {"{"} type: manual, source: a simulation {"}"}
            steps:
              - {"{"} name: First, action: custom_logic, params: {"{"} logic: n + 1 {"}"}, output: n {"}"}

            """);
        var steps = dice.Between(1, 6);
        for (var i = 0; i < steps; i++)
            text.Append(CultureInfo.InvariantCulture, $"  - {{ name: S{i}, {ActionOf(dice, child)}{dice.Of(OnFailure)}{dice.Of(Onward)} }}\n");
        text.Append("  - { name: Last, action: effect }\n");
        return text.ToString();
    }

    private static string ActionOf(Dice dice, string? child)
    {
        if (child is null || !dice.Chance(0.25)) return dice.Of(Actions);
        return (dice.Chance(0.6) ? dice.Of(Lanes) : dice.Of(Children)).Replace("CHILD", child, StringComparison.Ordinal);
    }
}
