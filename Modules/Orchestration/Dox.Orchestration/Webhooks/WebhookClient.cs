using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Webhooks;

/// <summary>What an attempt came to. <see cref="Error"/> null: the receiver has it.</summary>
/// <param name="Gone">The receiver says that it wants no more (410).</param>
internal sealed record AttemptResult(int? Status, string? Error, TimeSpan? RetryAfter = null, bool Gone = false);

/// <summary>Sends one delivery. Of the answer the status alone is read.</summary>
internal sealed class WebhookClient(GuardedConnections connections, WebhookSecrets secrets, IOptions<WebhookOptions> options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    private readonly HttpClient _http = new(connections.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };

    public async Task<AttemptResult> SendAsync(WebhookRecord webhook, DeliveryRecord delivery, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.Timeout);
        try
        {
            using var request = RequestFor(webhook, delivery);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return ResultOf(response);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, $"No answer within {options.Value.Timeout.TotalSeconds:0.#} s.");
        }
        catch (CryptographicException e)
        {
            return new(null, e.Message);
        }
        catch (HttpRequestException e)
        {
            // What the guard says is for the one who made the webhook; what the network says may tell of ours.
            return new(null, e.InnerException is ForbiddenAddressException forbidden ? forbidden.Message : $"No connection: {e.HttpRequestError}.");
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage RequestFor(WebhookRecord webhook, DeliveryRecord delivery)
    {
        var now = clock.GetUtcNow();
        var id = delivery.EventId.ToString();
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(delivery.Body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Of(id, now, delivery.Body, webhook.SecretsAt(now).Select(kept => secrets.Open(webhook.Id, kept)).ToList()));
        request.Headers.UserAgent.ParseAdd("dox-webhooks");
        return request;
    }

    private AttemptResult ResultOf(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode) return new(status, null);
        if (response.StatusCode == HttpStatusCode.Gone) return new(status, "The receiver wants no more events (410).", Gone: true);
        if (status is >= 300 and < 400) return new(status, $"Answered {status}: redirects aren't followed. Give the webhook the final address.");
        var after = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - clock.GetUtcNow() : null;
        return new(status, $"Answered {status}.", after > LongestRetryAfter ? LongestRetryAfter : after);
    }
}
