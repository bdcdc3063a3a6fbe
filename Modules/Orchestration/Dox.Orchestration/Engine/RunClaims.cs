using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Rules;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Engine;

/// <summary>Takes the runs that nobody works on: those that are due, and those of dead nodes.</summary>
internal sealed class RunClaims(IRunStore store, RuleBook rules, INode node, TimeProvider clock, ILogger<RunClaims> log)
{
    private RuleSet? _limitsOf;
    private Dictionary<string, int> _limits = [];

    /// <summary>How long a run rests that can't be read or whose rule is gone.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    /// <summary>Runs whose time has come, at most <paramref name="most"/>, high priority first; those of rules that limit their runs before, as they are few.</summary>
    public async Task<IReadOnlyList<HeldRun>> DueAsync(int most, CancellationToken cancellationToken)
    {
        var (now, limits, runs) = (clock.GetUtcNow(), Limits(), new List<HeldRun>());
        foreach (var (rule, atOnce) in limits)
        {
            if (runs.Count < most) runs.AddRange(await ClaimAsync(new RunClaim.Limited(node.Id, most - runs.Count, now, rule, atOnce), cancellationToken));
        }

        if (runs.Count < most) runs.AddRange(await ClaimAsync(new RunClaim.Due(node.Id, most - runs.Count, now, limits.Keys), cancellationToken));
        return runs;
    }

    /// <summary>Runs that a dead node had, at most <paramref name="most"/>.</summary>
    public async Task<IReadOnlyList<HeldRun>> AbandonedAsync(int most, CancellationToken cancellationToken)
    {
        var owners = (await store.OwnersAsync(cancellationToken)).Where(owner => owner != node.Id).ToList();
        if (owners.Count == 0) return [];
        var dead = await node.DeadAmongAsync(owners, cancellationToken);
        if (dead.Count == 0) return [];
        var runs = await ClaimAsync(new RunClaim.Abandoned(node.Id, most, dead), cancellationToken);
        if (runs.Count > 0) log.LogWarning("Took over {Count} runs of dead nodes", runs.Count);
        return runs;
    }

    /// <summary>
    /// Runs that this node owns and doesn't have: a claim or a release whose outcome it never learnt, because the database went away. Not
    /// those that were written since <paramref name="before"/>: they may be on their way into its hands.
    /// </summary>
    public async Task<IReadOnlyList<HeldRun>> LostAsync(
        IReadOnlyCollection<Id<Workflow>> held, DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        var runs = await ClaimAsync(new RunClaim.Lost(node.Id, most, held, before), cancellationToken);
        if (runs.Count > 0) log.LogWarning("Found {Count} runs of this node again that it had lost hold of", runs.Count);
        return runs;
    }

    // Of the rules as they are now, by name: a run that is pinned to an earlier version counts too.
    private Dictionary<string, int> Limits()
    {
        var loaded = rules.Loaded;
        if (!ReferenceEquals(_limitsOf, loaded))
        {
            _limits = loaded.Rules.Where(r => r.Limits.Runs is not null).ToDictionary(r => r.Name, r => r.Limits.Runs!.Value, StringComparer.Ordinal);
            _limitsOf = loaded;
        }

        return _limits;
    }

    private async Task<IReadOnlyList<HeldRun>> ClaimAsync(RunClaim claim, CancellationToken cancellationToken)
    {
        var rows = await store.ClaimAsync(claim, cancellationToken);
        var held = new List<HeldRun>(rows.Count);
        foreach (var row in rows)
        {
            try
            {
                held.Add(HeldRun.Of(row, await rules.PinnedAsync(row.RuleHash, cancellationToken)));
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // A rule that is gone, a state that can't be read: its neighbours go on, and it is looked at again, lest a mended rule be missed.
                log.LogError(e, "The run {Run} can't go on; it is tried again in a minute", row.Id);
                await store.ReleaseAsync(node.Id, [new(row.Id, row.Token, clock.GetUtcNow() + Rest)], cancellationToken);
            }
        }

        return held;
    }
}
