using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.TeamCoordination.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Events;

/// <summary>
/// Keeps the bank <c>WORKFLOW_EVENTS.json</c>, which holds the newest events. Of what happened since its last look it reads the end alone: what the bank
/// would drop again isn't read, however much it was. Its place and the message are committed together, so no event is in the bank twice.
/// </summary>
internal sealed class EventBank(
    IEventLog log, FeedLead lead, IServiceScopeFactory scopes, IOptions<EventOptions> options, TimeProvider clock, ILogger<EventBank> logger) : BackgroundService
{
    private const string File = "WORKFLOW_EVENTS.json";
    private const string Name = "event-bank";

    // As many as the bank keeps
    private const int Most = 1000;
    private const int AtOnce = 500;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.BankInterval == TimeSpan.Zero) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.BankInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested || !lead.IsHeld) continue;
            try
            {
                await NoteAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "Events can't be put into {Bank}; trying again", File);
            }
        }
    }

    private async Task NoteAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var newest = (await log.RangeAsync(cancellationToken)).Newest;
        var place = await db.FeedCursors.SingleOrDefaultAsync(c => c.Name == Name, cancellationToken);
        // A feed that is shorter than that has begun anew
        var known = place is null || place.Position > newest ? 0 : place.Position;
        if (known == newest) return;
        var events = await ReadAsync(Math.Max(known, newest - Most), newest, cancellationToken);

        if (place is null) db.FeedCursors.Add(new FeedCursor { Name = Name, Position = newest });
        else place.Position = newest;
        if (events.Count > 0)
        {
            var update = new JsonObject { ["entry"] = new JsonArray([.. events.TakeLast(Most).Select(e => JsonNode.Parse(e.Envelope))]) };
            db.Enqueue(new UpdateMemoryBanks([new BankUpdate(File, JsonSerializer.SerializeToElement(update))]), Caller.System);
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<List<DoxEvent>> ReadAsync(long after, long newest, CancellationToken cancellationToken)
    {
        var events = new List<DoxEvent>();
        while (after < newest)
        {
            var rows = await log.ReadAfterAsync(after, AtOnce, cancellationToken);
            if (rows.Count == 0) break;
            events.AddRange(rows.Where(row => row.Position <= newest).SelectMany(EventRendering.EventsOf));
            after = rows[^1].Position;
        }

        return events;
    }
}
