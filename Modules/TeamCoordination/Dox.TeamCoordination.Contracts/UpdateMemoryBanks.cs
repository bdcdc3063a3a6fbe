using System.Text.Json;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>
/// One change of one bank. Values are as the rule gave them, with expressions already filled in: text of the form <c>+N</c>
/// adds to the number that stands there, a map is merged, a list under <c>entry</c> is appended, anything else replaces.
/// </summary>
/// <param name="File">The bank's file name without a folder, for example <c>SUPERVISOR.json</c>.</param>
/// <param name="Update">A map from key to value.</param>
public sealed record BankUpdate(string File, JsonElement Update);

/// <summary>An ended run, as the execution log keeps it.</summary>
/// <param name="WorkflowId">The run.</param>
/// <param name="RuleName">Its rule.</param>
/// <param name="RuleVersion">Its rule's version.</param>
/// <param name="Service">The rule's owner.</param>
/// <param name="Status">How it ended.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="EndedAt">UTC.</param>
/// <param name="DurationMs">In milliseconds.</param>
/// <param name="StepsCompleted">Names, in order.</param>
/// <param name="Error">Why it failed, where it did.</param>
public sealed record ExecutionEntry(
    Id<Workflow> WorkflowId, string RuleName, string RuleVersion, string Service, string Status, DateTimeOffset StartedAt, DateTimeOffset EndedAt,
    double DurationMs, IReadOnlyList<string> StepsCompleted, string? Error = null);

/// <summary>Changes banks; each message counts once, however often it arrives.</summary>
/// <param name="Updates">In order.</param>
/// <param name="Execution">Also appended to the execution log, where a run ended.</param>
/// <param name="Depth">How many runs led to it, as <see cref="Caller.Depth"/> counts them; what is told of the banks carries it on.</param>
[MessageName("team-coordination.update-memory-banks.v1"), Requires(Role.System)]
public sealed record UpdateMemoryBanks(IReadOnlyList<BankUpdate> Updates, ExecutionEntry? Execution = null, int Depth = 0) : ICommand;
