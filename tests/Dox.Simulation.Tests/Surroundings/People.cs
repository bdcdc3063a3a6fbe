using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;

namespace Dox.Simulation.Tests.Surroundings;

/// <summary>Those who decide: always the same way about the same question, soon or late.</summary>
internal static class People
{
    public static WaitAnswer AnswerTo(string run, string step, int visit) =>
        StableHash.Of($"{run} {step} {visit}") % 4 == 0
            ? new WaitAnswer(step, visit, WaitDecision.Refused, new JsonObject { ["decision"] = "rejected" }, "It is wrong.")
            : new WaitAnswer(step, visit, WaitDecision.Done, new JsonObject { ["decision"] = "approved", ["template_id"] = "t" }, "It is right.");
}
