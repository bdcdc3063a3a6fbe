using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Engine;

/// <summary>
/// How deep a run lies in a row of runs that started each other, by events or as children. It goes with whatever the run asks and tells
/// (<see cref="Caller.Depth"/>), through other modules and back, so that a circle over them is seen as one.
/// </summary>
internal static class Causation
{
    /// <summary>Of events that no run's journal tells of: the depth of what led to them.</summary>
    public const string EventMember = "causation_depth";

    private const string Fact = "depth";

    /// <summary>0 for a run that no other one led to.</summary>
    public static int DepthOf(RunState run) => Read(run.Facts?[Fact]);

    /// <summary>What the event itself says of it.</summary>
    public static int DepthOf(JsonObject eventData) => Read(eventData[EventMember]);

    /// <summary>DOX itself, on behalf of whoever started the run: quotas and audit see that one.</summary>
    public static Caller CallerOf(RunState run, string user, string account) => new(user, account, [Role.System], []) { Depth = DepthOf(run) };

    public static void SetDepth(JsonObject facts, int depth)
    {
        if (depth > 0) facts[Fact] = depth;
    }

    /// <exception cref="DoxException">409 <c>causation_too_deep</c>.</exception>
    public static void Demand(string rule, int depth, int most)
    {
        if (depth > most)
        {
            throw DoxException.Conflict(
                "causation_too_deep",
                $"{rule} isn't started: {most} runs have started each other in a row, which is a circle. Look at the rules' triggers and run_workflow steps; Dox:Engine:MaxCausationDepth allows longer rows.");
        }
    }

    private static int Read(JsonNode? depth) => (int)Math.Clamp(JsonValues.TryDouble(depth) ?? 0, 0, int.MaxValue - 1);
}
