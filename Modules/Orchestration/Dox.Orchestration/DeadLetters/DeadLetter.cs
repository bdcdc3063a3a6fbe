using Dox.Orchestration.Data;
using Dox.Orchestration.Webhooks;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.SharedKernel.Infrastructure.Transport.Redis;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.DeadLetters;

/// <summary>Something that couldn't be delivered and was given up.</summary>
/// <param name="DeadLetterId"><c>msg_…</c> for a message between modules, <c>dlv_…</c> for an event on its way to a webhook, <c>ent_…</c> for an entry of a stream that its module can't read.</param>
/// <param name="Kind"><c>message</c>, <c>delivery</c> or <c>entry</c>.</param>
/// <param name="Module">Who sends it; of an entry who says so, or whose it is.</param>
/// <param name="Target">The module, or the webhook, that didn't take it.</param>
/// <param name="Name">The message's wire name, or the event's type.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="LastError">Why it failed last.</param>
/// <param name="Occurred">When what it tells of happened.</param>
/// <param name="GivenUp">When it was given up.</param>
internal sealed record DeadLetter(
    string DeadLetterId, string Kind, string Module, string Target, string Name, int Attempts, string? LastError, DateTimeOffset Occurred, DateTimeOffset? GivenUp)
{
    public const string Message = "message";
    public const string Delivery = "delivery";
    public const string Entry = "entry";

    public static DeadLetter Of(DeadMessage message) => new(
        new Id<Letter>(message.Id).ToString(), Message, message.Module, message.Target, message.Name, message.Attempts, message.LastError, message.Occurred, message.GivenUp);

    public static DeadLetter Of(UnreadableEntry entry) => new(
        new Id<UnreadEntry>(entry.Id).ToString(), Entry, entry.From ?? entry.Module, entry.Module, entry.Name ?? "(unreadable)", 1, entry.Reason, entry.Sent, entry.PutAside);

    public static DeadLetter Of(DeliveryRecord delivery) => new(
        delivery.Id.ToString(), Delivery, OrchestrationModule.ModuleName, delivery.WebhookId.ToString(), delivery.Type, delivery.Attempts, delivery.LastError, delivery.Created, delivery.Settled);
}

internal static class DeadLetterQueries
{
    public static IQueryable<DeliveryRecord> DeadDeliveries(this OrchestrationDbContext db) => db.WebhookDeliveries.Where(d => d.Status == DeliveryStatus.Dead);

    /// <summary>The module of this process with that name, whatever its letter case; null where none is asked for.</summary>
    /// <exception cref="DoxException">400 <c>invalid_module</c>.</exception>
    public static string? Named(this DeadMessages messages, string? module) => module is null
        ? null
        : messages.Modules.FirstOrDefault(m => string.Equals(m, module, StringComparison.OrdinalIgnoreCase))
            ?? throw Page.Bad("module", $"'module' is one of this process's: {string.Join(", ", messages.Modules.Order(StringComparer.Ordinal))}.");

    /// <exception cref="DoxException">404.</exception>
    public static async Task<DeadLetter> FindDeadLetterAsync(this OrchestrationDbContext db, DeadMessages messages, UnreadEntries entries, string id, CancellationToken cancellationToken)
    {
        if (Id<UnreadEntry>.TryParse(id, null, out var unread) && await entries.FindAsync(unread.Value) is { } entry) return DeadLetter.Of(entry);
        if (Id<Letter>.TryParse(id, null, out var letter) && await messages.FindAsync(letter.Value, cancellationToken) is { } message) return DeadLetter.Of(message);
        if (Id<Delivery>.TryParse(id, null, out var one) && await db.DeadDeliveries().AsNoTracking().SingleOrDefaultAsync(d => d.Id == one, cancellationToken) is { } delivery)
            return DeadLetter.Of(delivery);
        throw DoxException.NotFound("dead_letter", id);
    }
}
