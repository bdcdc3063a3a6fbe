using System.Text.Json;

namespace Dox.SharedKernel.Audit;

/// <summary>Which entries of a module's audit are asked for, the newest first.</summary>
/// <param name="Limit">How many at most.</param>
/// <param name="Before">Entries with a smaller sequence; null: from the newest on.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Action">What was done, for example <c>template.teach</c>.</param>
/// <param name="Subject">The id of what was changed.</param>
/// <param name="Account">Who owns what was changed.</param>
/// <param name="From">Not before then.</param>
/// <param name="To">Before then.</param>
public sealed record AuditFilter(
    int Limit, long? Before = null, string? Actor = null, string? Action = null, string? Subject = null, string? Account = null, DateTimeOffset? From = null,
    DateTimeOffset? To = null);

/// <summary>Entries of one module's audit.</summary>
/// <param name="Entries">The newest first.</param>
public sealed record AuditPage(IReadOnlyList<AuditLine> Entries);

/// <summary>An entry of a module's audit.</summary>
/// <param name="Sequence">Its place in the module's chain, from 1.</param>
/// <param name="At">UTC.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="ActorRoles">What the actor was allowed at the time.</param>
/// <param name="Account">Who owns what was changed.</param>
/// <param name="Action">What was done.</param>
/// <param name="Subject">The id of what was changed.</param>
/// <param name="Reason">Why.</param>
/// <param name="FromState">The state before.</param>
/// <param name="ToState">The state afterwards, or the one that was asked for.</param>
/// <param name="Details">More, for a program.</param>
/// <param name="TraceId">W3C trace id of the request.</param>
/// <param name="Hash">SHA-256 of the entry and the one before it, in hexadecimal digits.</param>
public sealed record AuditLine(
    long Sequence, DateTimeOffset At, string Actor, IReadOnlyList<string> ActorRoles, string Account, string Action, string Subject, string? Reason, string? FromState,
    string? ToState, JsonElement? Details, string? TraceId, string Hash);
