using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dox.Orchestration.Rules.Actions;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Simulation.Tests.Nodes;

/// <summary>Runs that steps start: their ids follow from their keys, so that a run without troubles starts the same ones.</summary>
internal static class Children
{
    public static readonly TimeSpan LooksAgain = TimeSpan.FromSeconds(30);

    public static Id<Workflow> IdOf(string key) => new(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16), bigEndian: true));

    public static string KeyOf(StepCall call) => StartChildRun.KeyOf(Id<Workflow>.Parse(call.Run.RunId, null), call.Path, call.Visit);

    public static ParentStep ParentOf(StepCall call) => new(Id<Workflow>.Parse(call.Run.RunId, null), call.Path, call.Visit, Waits: true);

    public static JsonObject InputOf(StepCall call) => (JsonObject)call.Parameters["input"]!.DeepClone();

    public static string RuleOf(StepCall call) => JsonValues.ToText(call.Parameters["rule"]);

    /// <summary>What a step that waits for it has in hand.</summary>
    public static StepOutcome WaitFor(Id<Workflow> child, DateTimeOffset now) =>
        StepOutcome.WaitFor(WaitKind.Workflow, new JsonObject { ["workflow_id"] = child.ToString() }, now + LooksAgain);
}
