using System.Text.Json.Nodes;
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
    public static void Check(World world, Database database, Teams teams, RuleSet rules, IReadOnlyList<(Rule Rule, Id<Workflow> Run)> starts)
    {
        if (database.Ended.Count != starts.Count) world.Violate(Invariants.StartedOnce, $"{starts.Count} starts, {database.Ended.Count} runs");
        foreach (var (rule, run) in starts) Check(world, database, teams, rules, rule, run);
        foreach (var effect in world.Services.Effects.Where(e => !starts.Any(s => e.StartsWith(s.Run.ToString(), StringComparison.Ordinal))))
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
        Same(world, run, "output", expected.Output, state.Output?.ToJsonString());
        Same(world, run, "path", string.Join(' ', expected.Path), string.Join(' ', database.JournalOf(run).Select(e => Expected.Line(e.Step, e.Visit, e.Attempt, e.Status))));
        Same(world, run, "effects", string.Join(' ', expected.Effects), string.Join(' ', world.Services.Effects.Where(e => e.StartsWith(run.ToString(), StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
        Same(world, run, "questions", string.Join(' ', expected.Reviews.Order(StringComparer.Ordinal)), string.Join(' ', teams.QuestionsOf(run).Order(StringComparer.Ordinal)));
        Same(world, run, "notes for the banks", "1", database.BankNotesOf(run).ToString());
        Same(world, run, "blockers", row.Status == RunStatus.Escalated ? "1" : "0", teams.Heard(run, "open-blocker").ToString());
    }

    private static void Same(World world, Id<Workflow> run, string what, string? expected, string? found)
    {
        if (expected != found) world.Violate(Invariants.SameEnd, $"{what} of {run}{System.Environment.NewLine}  expected {expected}{System.Environment.NewLine}  found    {found}");
    }
}
