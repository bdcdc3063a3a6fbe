using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Keys;

/// <summary>A key as it is shown: never with its text.</summary>
/// <param name="Status"><c>active</c>, <c>expired</c> or <c>revoked</c>.</param>
/// <param name="OldTextUntil">Until when the text before the present one is taken too.</param>
internal sealed record KeyView(
    Id<ApiKey> KeyId, string Name, string AccountId, IReadOnlyList<string> Roles, IReadOnlyList<string> Teams, string Status, DateTimeOffset ExpiresAt,
    DateTimeOffset? OldTextUntil, DateTimeOffset? RevokedAt, string CreatedBy, DateTimeOffset CreatedAt)
{
    public static KeyView Of(KeyRecord key, DateTimeOffset now) => new(
        key.Id, key.Name, key.Account, KeyRecord.Names(key.Roles), KeyRecord.Names(key.Teams), StatusOf(key, now), key.Expires,
        key.PreviousUntil > now ? key.PreviousUntil : null, key.Revoked, key.CreatedBy, key.Created);

    private static string StatusOf(KeyRecord key, DateTimeOffset now) => key.Revoked is not null ? "revoked" : key.Expires <= now ? "expired" : "active";
}

internal static class KeyAudit
{
    public static AuditRecord Of(Caller caller, string action, KeyRecord key, string? reason = null) => new(
        caller, key.Account, action, key.Id.ToString(), reason,
        Details: new JsonObject { ["name"] = key.Name, ["roles"] = key.Roles, ["teams"] = key.Teams, ["expires"] = key.Expires.ToString("u") });
}

internal static class KeyQueries
{
    /// <exception cref="DoxException">404.</exception>
    public static async Task<KeyRecord> FindKeyAsync(this OrchestrationDbContext db, Id<ApiKey> id, CancellationToken cancellationToken) =>
        await db.ApiKeys.SingleOrDefaultAsync(k => k.Id == id, cancellationToken) ?? throw DoxException.NotFound("key", id.ToString());

    /// <exception cref="DoxException">409: somebody else changed the key at the same moment.</exception>
    public static async Task SaveKeyAsync(this OrchestrationDbContext db, KeyRecord key, CancellationToken cancellationToken)
    {
        key.Version++;
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw DoxException.Conflict("key_changed", $"Somebody changed {key.Id} at the same moment. Look at it again.");
        }
    }
}
