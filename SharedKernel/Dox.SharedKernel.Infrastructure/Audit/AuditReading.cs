using System.Text.Json;
using Dox.SharedKernel.Audit;
using Microsoft.EntityFrameworkCore;

namespace Dox.SharedKernel.Infrastructure.Audit;

/// <summary>Reads a module's audit.</summary>
public static class AuditReading
{
    /// <summary>The entries that were asked for.</summary>
    public static async Task<AuditPage> ReadAsync(this IAudited db, AuditFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(filter);
        var entries = db.Audit.AsNoTracking();
        if (filter.Before is { } before) entries = entries.Where(e => e.Sequence < before);
        if (filter.Actor is { } actor) entries = entries.Where(e => e.Actor == actor);
        if (filter.Action is { } action) entries = entries.Where(e => e.Action == action);
        if (filter.Subject is { } subject) entries = entries.Where(e => e.Subject == subject);
        if (filter.Account is { } account) entries = entries.Where(e => e.Account == account);
        if (filter.From?.ToUniversalTime() is { } from) entries = entries.Where(e => e.At >= from);
        if (filter.To?.ToUniversalTime() is { } to) entries = entries.Where(e => e.At < to);
        return new([.. (await entries.OrderByDescending(e => e.Sequence).Take(filter.Limit).ToListAsync(cancellationToken)).Select(Of)]);
    }

    private static AuditLine Of(AuditEntry entry) => new(
        entry.Sequence, entry.At, entry.Actor, entry.ActorRoles.Split(',', StringSplitOptions.RemoveEmptyEntries), entry.Account, entry.Action, entry.Subject, entry.Reason,
        entry.FromState, entry.ToState, entry.Details is null ? null : JsonSerializer.Deserialize<JsonElement>(entry.Details), entry.TraceId, Convert.ToHexStringLower(entry.Hash));
}
