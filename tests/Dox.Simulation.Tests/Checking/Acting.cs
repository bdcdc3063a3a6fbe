using Dox.Orchestration.Engine.Operations;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Storage;
using Dox.Simulation.Tests.Surroundings;
using Dox.Workflows.Interpretation;

namespace Dox.Simulation.Tests.Checking;

/// <summary>What must hold of operators' acts once all has come to rest.</summary>
internal static class Acting
{
    /// <summary>In which a message has come to a node, with every trouble on its way.</summary>
    private static readonly TimeSpan LongestDelivery = TimeSpan.FromSeconds(25);

    public static void Check(World world, Database database, IReadOnlyList<Act> acts)
    {
        foreach (var act in acts) Check(world, database, act);
    }

    private static void Check(World world, Database database, Act act)
    {
        var lines = database.JournalOf(act.Run).Count(e => e.Kind == JournalKind.Operator && e.Decision == act.Reason);
        var audited = database.Audited.Count(line => line == $"{act.Run} workflow.{Verbs.Name(act.Verb)} {act.Reason}");
        var (most, least) = act.Outcome switch
        {
            ActOutcome.Done when act.Verb is Verb.Resume => (1, 0), // A word that was taken back before it was met
            ActOutcome.Done => (1, 1),
            // Refused: what was done and reported lost, and then overtaken, is tried anew, and found done
            _ => (1, 0),
        };
        if (lines > most || lines < least || audited > most || audited < lines)
            world.Violate(Invariants.ActOnce, $"{act} has {lines} lines in the journal, and {audited} in the audit");
        if (act is { Verb: Verb.Cancel, Undoes: false, Outcome: ActOutcome.Done } && database.Ended[act.Run].Status != RunStatus.Cancelled)
            world.Violate(Invariants.EndedIsEnded, $"{act}, and the run is {database.Ended[act.Run].Status}");
    }

    /// <summary>A child that its parent waited for when that was cancelled is cancelled soon, unless it ended by itself before.</summary>
    public static void CheckChild(World world, Database database, EndedRun child, Id<Workflow> parent)
    {
        if (!database.CancelledAt.TryGetValue(parent, out var cancelled) || child.Status == RunStatus.Cancelled) return;
        var wasTold = database.Audited.Any(line => line.StartsWith($"{child.Id} workflow.cancel ", StringComparison.Ordinal));
        if (!wasTold && database.EndedAt[child.Id] > cancelled + LongestDelivery) world.Violate(Invariants.ChildrenEnd, $"{child.Id} went on for long after {parent} was cancelled");
    }
}
