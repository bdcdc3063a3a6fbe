using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;

namespace Dox.SharedKernel.Infrastructure.Audit;

/// <summary>A change that somebody made and will be asked about.</summary>
/// <param name="By">Who.</param>
/// <param name="Account">Who owns what was changed.</param>
/// <param name="Action">What was done: <c>workflow.pause</c>, <c>document.delete</c>.</param>
/// <param name="Subject">The id of what was changed.</param>
/// <param name="Reason">Why, in the words of who did it.</param>
/// <param name="From">The state before.</param>
/// <param name="To">The state afterwards, or the one that was asked for.</param>
/// <param name="Details">More, for a program. Never secrets.</param>
public sealed record AuditRecord(
    Caller By, string Account, string Action, string Subject, string? Reason = null, string? From = null, string? To = null, JsonNode? Details = null)
{
    /// <summary>The longest reason that is kept.</summary>
    public const int LongestReason = 1000;
}
