using System.Net;
using Dox.Orchestration.Data;
using Dox.Orchestration.Events;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Webhooks;

/// <summary>Has events sent to an address from now on. The secret is told this once.</summary>
internal static class CreateWebhook
{
    private const int MostTypes = 50;

    /// <param name="Url">Where events are posted.</param>
    /// <param name="EventTypes">Which ones; empty or absent: all.</param>
    /// <param name="AccountId">Only what this account owns; absent: everything.</param>
    [Requires(Role.Admin)]
    public sealed record Command(string Url, IReadOnlyList<string>? EventTypes = null, string? AccountId = null) : ICommand<Result>;

    public sealed record Result(bool Success, WebhookView Webhook, string Secret, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, IEventLog log, WebhookSecrets secrets, GuardedConnections connections, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var types = (command.EventTypes ?? []).Distinct(StringComparer.Ordinal).ToList();
            if (types.Count > MostTypes || types.Exists(t => t.Length is 0 or > RaisedEvent.LongestType || t.Contains(',', StringComparison.Ordinal)))
                throw DoxException.Invalid("invalid_event_types", $"event_types lists at most {MostTypes} names of events. docs/reference/events.md has those that DOX tells; rules may publish others.");
            var (id, secret) = (Id<Webhook>.New(clock), WebhookSignature.NewSecret());
            var webhook = new WebhookRecord
            {
                Id = id,
                Url = Checked(command.Url),
                Types = string.Join(',', types),
                Account = command.AccountId,
                Secret = secrets.Seal(id, secret),
                After = (await log.RangeAsync(cancellationToken)).Newest,
                CreatedBy = call.Caller.User,
                Created = now,
            };
            await using var write = await db.BeginWriteAsync(cancellationToken);
            db.Webhooks.Add(webhook);
            await db.SaveChangesAsync(cancellationToken);
            await db.NoteAsync(WebhookAudit.Of(call.Caller, "webhook.create", webhook), clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
            return new(true, WebhookView.Of(webhook, now), secret, now);
        }

        // What can be known of an address without looking it up; its addresses are looked at when it is called.
        private string Checked(string url)
        {
            if (url.Length > WebhookRecord.LongestUrl || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
                throw DoxException.Invalid("invalid_url", $"url is an address to post to, https://…, of at most {WebhookRecord.LongestUrl} characters.");
            if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
                throw DoxException.Invalid("invalid_url", "url has neither a user nor a fragment: deliveries are signed, and a secret belongs in no address.");
            if (connections.IsAllowed(uri.IdnHost, uri.Port)) return uri.AbsoluteUri;
            if (uri.Scheme != "https") throw DoxException.Invalid("insecure_url", "url must begin with https://. Hosts that Dox:Webhooks:AllowedHosts lists may be called over HTTP.");
            if (uri.IsLoopback || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && !PublicAddresses.Contains(address)))
                throw DoxException.Invalid("forbidden_url", "url is inside the network. Dox:Webhooks:AllowedHosts lists the hosts that may be.");
            return uri.AbsoluteUri;
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/webhooks", async (Command command, HttpResponse response, IMediator mediator, CancellationToken cancellationToken) =>
            {
                var made = await mediator.Send(command with { Url = command.Url ?? "" }, cancellationToken);
                response.Headers.Location = $"/api/v1/webhooks/{made.Webhook.WebhookId}";
                return TypedResults.Json(made, statusCode: StatusCodes.Status201Created);
            })
            .WithSummary("Have events sent to an address.")
            .WithDescription("Deliveries are signed by the Standard Webhooks scheme. The answer holds the secret, which isn't told again.")
            .Produces<Result>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden);
}
