using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>The blockers that are open: DOX's own, and those that others wrote into <c>BLOCKING_ISSUES.json</c>.</summary>
[MessageName("team-coordination.identify-active-blockers.v1"), RuleFunction("identify_active_blockers"), Requires(Role.Operator)]
public sealed record IdentifyActiveBlockers : IQuery<BlockerReport>;

/// <summary>An open blocker.</summary>
/// <param name="IssueId">Its id, here or in the bank.</param>
/// <param name="Severity">low, medium, high or critical; of others as they wrote it.</param>
/// <param name="Service">Which service it is about; empty where nobody said.</param>
/// <param name="Team">Whose it is.</param>
/// <param name="Title">In a line.</param>
/// <param name="OpenedAt">When, where it is known.</param>
public sealed record ActiveBlocker(string IssueId, string Severity, string Service, string Team, string Title, DateTimeOffset? OpenedAt);

/// <summary>The answer to <see cref="IdentifyActiveBlockers"/>.</summary>
/// <param name="Blockers">The worst first; at most 200.</param>
/// <param name="BlockersCount">How many there are in all.</param>
/// <param name="CriticalBlockers">Of which that many are critical.</param>
public sealed record BlockerReport(IReadOnlyList<ActiveBlocker> Blockers, int BlockersCount, int CriticalBlockers);
