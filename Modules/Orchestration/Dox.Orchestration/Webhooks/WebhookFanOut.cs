using System.Text;
using Dox.Orchestration.Data;
using Dox.Orchestration.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Webhooks;

/// <summary>Makes a delivery of each event for each webhook that wants it; made again, it is the same one.</summary>
internal sealed class WebhookFanOut(IServiceScopeFactory scopes, WebhookSender sender, TimeProvider clock) : IEventConsumer
{
    private const int MostSlots = 64;

    public string Name => "webhooks";

    public async ValueTask<FeedInterest> InterestAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var any = await scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>().Webhooks.AnyAsync(w => w.Disabled == null, cancellationToken);
        return any ? FeedInterest.Everything : FeedInterest.Nothing;
    }

    public async Task TakeAsync(IReadOnlyList<DoxEvent> events, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var webhooks = await db.Webhooks.AsNoTracking().Where(w => w.Disabled == null).ToListAsync(cancellationToken);
        var ids = events.Select(e => e.Id).ToList();
        var known = (await db.WebhookDeliveries.AsNoTracking().Where(d => ids.Contains(d.EventId)).Select(d => new { d.WebhookId, d.EventId }).ToListAsync(cancellationToken))
            .Select(d => (d.WebhookId, d.EventId)).ToHashSet();
        var now = clock.GetUtcNow();
        foreach (var e in events)
            db.WebhookDeliveries.AddRange(webhooks.Where(w => Wants(w, e) && !known.Contains((w.Id, e.Id))).Select(w => DeliveryOf(w, e, now)));
        if (await db.SaveChangesAsync(cancellationToken) > 0) sender.Hurry();
    }

    private static bool Wants(WebhookRecord webhook, DoxEvent e) =>
        e.Position.Entry > webhook.After
        && (webhook.Account is null || webhook.Account == e.Account)
        && (webhook.Types.Length == 0 || webhook.TypeNames.Contains(e.Type, StringComparer.Ordinal));

    private static DeliveryRecord DeliveryOf(WebhookRecord webhook, DoxEvent e, DateTimeOffset now) => new()
    {
        Id = new(Guid.CreateVersion7(now)),
        WebhookId = webhook.Id,
        EventId = e.Id,
        Type = e.Type,
        OrderKey = e.WorkflowId?.ToString() ?? e.Type,
        Sequence = (e.Position.Entry * MostSlots) + e.Position.Slot,
        Body = Encoding.UTF8.GetString(e.Envelope),
        NextAttempt = now,
        Created = now,
    };
}
