using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Webhooks;

/// <summary>A webhook as it is shown: never with its secret.</summary>
/// <param name="Active">Events are sent to it.</param>
/// <param name="DisabledReason">Why not.</param>
/// <param name="OldSecretUntil">Until when the secret before the present one signs too.</param>
internal sealed record WebhookView(
    Id<Webhook> WebhookId, string Url, IReadOnlyList<string> EventTypes, string? AccountId, bool Active, string? DisabledReason, DateTimeOffset? OldSecretUntil,
    string CreatedBy, DateTimeOffset Created)
{
    public static WebhookView Of(WebhookRecord w, DateTimeOffset now) => new(
        w.Id, w.Url, w.TypeNames, w.Account, w.Disabled is null, w.Disabled, w.PreviousUntil > now ? w.PreviousUntil : null, w.CreatedBy, w.Created);
}

internal static class WebhookAudit
{
    // Of the address the host alone: the rest may hold what is nobody else's business.
    public static AuditRecord Of(Caller caller, string action, WebhookRecord webhook) =>
        new(caller, webhook.Account ?? caller.Account, action, webhook.Id.ToString(), Details: new JsonObject { ["host"] = new Uri(webhook.Url).Host });
}

internal static class WebhookQueries
{
    /// <exception cref="DoxException">404.</exception>
    public static async Task<WebhookRecord> FindWebhookAsync(this OrchestrationDbContext db, Id<Webhook> id, CancellationToken cancellationToken) =>
        await db.Webhooks.SingleOrDefaultAsync(w => w.Id == id, cancellationToken) ?? throw DoxException.NotFound("webhook", id.ToString());
}
