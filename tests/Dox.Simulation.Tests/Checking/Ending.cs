using System.Text.Json.Nodes;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules.Actions;
using Dox.SharedKernel.Ids;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Storage;
using Dox.Simulation.Tests.Surroundings;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Simulation.Tests.Checking;

/// <summary>What must hold once all has come to rest: each run ended as it would have without any trouble, and the world shows each effect once.</summary>
internal static class Ending
{
    public static void Check(World world, Database database, Teams teams, RuleSet rules, IReadOnlyList<(Rule Rule, Id<Workflow> Run)> starts, IReadOnlyList<Act> acts)
    {
        var children = database.Ended.Values.Select(row => (Row: row, Parent: ParentStep.Of(RunStateJson.Read(row.State)))).Where(c => c.Parent is not null).ToList();
        if (database.Ended.Count != starts.Count + children.Count) world.Violate(Invariants.StartedOnce, $"{starts.Count} starts, {database.Ended.Count} runs, {children.Count} of them started by others");
        Acting.Check(world, database, acts);
        foreach (var (row, parent) in children) Acting.CheckChild(world, database, row, parent!.Run);
        // An act on a run may change the ends of those that it started, and of the one that waits for it
        var changed = acts.Where(act => act.ChangesTheEnd).Select(act => act.Run).ToHashSet();
        changed.UnionWith(children.Where(c => changed.Contains(c.Parent!.Run)).Select(c => c.Row.Id).ToList());
        changed.UnionWith(children.Where(c => changed.Contains(c.Row.Id)).Select(c => c.Parent!.Run).ToList());
        foreach (var (rule, run) in starts.Concat(children.Select(c => (Rule: rules.Find(c.Row.RuleName)!, Run: c.Row.Id))).Where(s => !changed.Contains(s.Run))) Check(world, database, teams, rules, rule, run);
        foreach (var effect in world.Services.Effects.Where(e => !database.Ended.Keys.Any(run => e.StartsWith(run.ToString(), StringComparison.Ordinal))))
            world.Violate("no run without a start", effect);
    }

    private static void Check(World world, Database database, Teams teams, RuleSet rules, Rule rule, Id<Workflow> run)
    {
        if (!database.Ended.TryGetValue(run, out var row))
        {
            world.Violate(Invariants.AllEnd, $"{run} is nowhere");
            return;
        }

        var state = RunStateJson.Read(row.State);
        var expected = Expected.Of(rule, rules.Find, run.ToString(), (JsonObject)state.Input!.DeepClone(), (JsonObject)state.Facts!.DeepClone());
        Same(world, run, "state", expected.Status.ToString(), row.Status.ToString());
        Same(world, run, "error", expected.Error, state.Error?.Message);
        Same(world, run, "output", Sorted(expected.Output is null ? null : JsonNode.Parse(expected.Output)), Sorted(state.Output));
        var path = database.JournalOf(run).Where(e => e.Kind != JournalKind.Operator).Select(e => (e.Step, e.Visit, e.Attempt, e.Status));
        Same(world, run, "path", expected.Path, Expected.Comparable(rule, path));
        Same(world, run, "effects", string.Join(' ', expected.Effects), string.Join(' ', world.Services.Effects.Where(e => e.StartsWith(run.ToString(), StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
        Same(world, run, "questions", string.Join(' ', expected.Reviews.Order(StringComparer.Ordinal)), string.Join(' ', teams.QuestionsOf(run).Order(StringComparer.Ordinal)));
        Same(world, run, "notes for the banks", "1", database.BankNotesOf(run).ToString());
        Same(world, run, "blockers", row.Status == RunStatus.Escalated ? "1" : "0", teams.Heard(run, "open-blocker").ToString());
    }

    /// <summary>With its keys in order: which lane was the first to set one is the world's matter; what operators put in isn't in the reference.</summary>
    private static string Sorted(JsonNode? node) => node switch
    {
        JsonObject map => $"{{{string.Join(", ", map.Where(entry => entry.Key != Operators.Remark).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}: {Sorted(entry.Value)}"))}}}",
        JsonArray list => $"[{string.Join(", ", list.Select(Sorted))}]",
        _ => node?.ToJsonString() ?? "null",
    };

    private static void Same(World world, Id<Workflow> run, string what, string? expected, string? found)
    {
        if (expected != found) world.Violate(Invariants.SameEnd, $"{what} of {run}{System.Environment.NewLine}  expected {expected}{System.Environment.NewLine}  found    {found}");
    }
}
