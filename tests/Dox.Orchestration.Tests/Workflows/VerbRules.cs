using Dox.Orchestration.Tests.Engine;
using Dox.SharedKernel.Ids;

namespace Dox.Orchestration.Tests.Workflows;

/// <summary>Rules that bring a run into each of its states.</summary>
internal static class VerbRules
{
    public static readonly (string Name, string Text)[] All =
    [
        ("done", "steps:\n  - { name: A, action: effect }"),
        ("fresh", "steps:\n  - { name: Hold, action: effect }\n  - { name: After, action: effect }"),
        ("held", "steps:\n  - { name: Go, action: effect }\n  - { name: Hold, action: effect }\n  - { name: After, action: effect }"),
        ("ask", "steps:\n  - { name: A, action: effect }\n  - { name: Ask, action: manual_intervention, params: { team: Document, subject: Well? } }\n  - { name: B, action: effect }"),
        ("event", "steps:\n  - { name: Listen, action: wait, params: { event: ready }, output: heard }\n  - { name: B, action: effect }"),
        ("sleep", "steps:\n  - { name: Rest, action: wait, params: { seconds: 3600 } }\n  - { name: B, action: effect }"),
        ("retrying", "steps:\n  - { name: A, action: effect, params: { fail: 1 }, retry: { max_attempts: 3, base_delay_ms: 3600000 } }"),
        ("broken", "steps:\n  - { name: A, action: effect }\n  - { name: B, action: effect, params: { fail: 1 } }\n  - { name: C, action: effect }"),
        ("lost", "steps:\n  - { name: A, action: effect, params: { fail: 1 }, on_failure: escalate }"),
        ("asked", "steps:\n  - { name: A, action: effect, params: { fail: 1 }, on_failure: manual_intervention }"),
        ("undoable", "steps:\n  - { name: A, action: effect, compensate: { action: effect } }\n  - { name: B, action: effect, compensate: { action: effect } }\n  - { name: Ask, action: manual_intervention, params: { team: Document, subject: Well? } }"),
    ];

    /// <summary>A run in the state; the gate is what holds up the step of a running one.</summary>
    public static async Task<(Id<Workflow> Run, Effects.Gate? Gate)> InStateAsync(this OperatorHost host, string state)
    {
        if (state is "running" or "pending")
        {
            var gate = host.Effects.HoldUp("Hold");
            var held = await host.StartRunAsync(state == "running" ? "held" : "fresh");
            await gate.Reached;
            return (held, gate);
        }

        var (rule, status) = state switch
        {
            "waiting_for_human" => ("ask", state),
            "waiting_after_failure" => ("asked", "waiting_for_human"),
            "waiting_for_event" => ("event", "waiting"),
            "waiting" => ("sleep", state),
            "retry" => ("retrying", state),
            "failed" => ("broken", state),
            "escalated" => ("lost", state),
            "success" => ("done", state),
            _ => ("ask", "waiting_for_human"),
        };
        var run = await host.StartRunAsync(rule);
        await host.WhenAsync(run, status);
        if (state == "paused") await host.PostAsync($"workflows/{run}/pause");
        if (state == "cancelled") await host.SendAsync(HttpMethod.Delete, $"workflows/{run}");
        return (run, null);
    }

    /// <summary>The verb with what it needs.</summary>
    public static Task<Answer> DoAsync(this OperatorHost host, string verb, Id<Workflow> run, string? reason = "a test's") => verb switch
    {
        "cancel" => host.SendAsync(HttpMethod.Delete, $"workflows/{run}", new { reason }),
        "context" => host.SendAsync(HttpMethod.Patch, $"workflows/{run}/context", new { context = new { more = 1 }, reason }),
        "signal" => host.PostAsync($"workflows/{run}/signal", new { @event = "ready", data = new { pages = 3 }, reason }),
        "replay" => host.PostAsync($"workflows/{run}/replay", new { from_step = "A", reason }),
        _ => host.PostAsync($"workflows/{run}/{verb}", new { reason }),
    };
}
