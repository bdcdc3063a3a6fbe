using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>Takes the client's <c>X-Request-ID</c>, or makes one; it stands in the answer, in problems, in logs and in the trace.</summary>
internal sealed partial class RequestIdMiddleware(RequestDelegate next, TimeProvider clock, ILogger<RequestIdMiddleware> log)
{
    public const string Header = "X-Request-ID";

    public async Task InvokeAsync(HttpContext context)
    {
        var sent = context.Request.Headers[Header];
        // Anything else could break a line of the log in two.
        var id = sent.Count == 1 && Harmless().IsMatch(sent[0]!) ? sent[0]! : Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        context.TraceIdentifier = id;
        Activity.Current?.SetTag("dox.request_id", id);
        // On starting, since a problem clears the headers that are there already.
        context.Response.OnStarting(
            static state =>
            {
                var response = ((HttpContext)state).Response;
                response.Headers[Header] = response.HttpContext.TraceIdentifier;
                return Task.CompletedTask;
            },
            context);
        using (log.BeginScope(new KeyValuePair<string, object>[] { new("request_id", id) })) await next(context);
    }

    [GeneratedRegex(@"^[A-Za-z0-9._:\-]{1,128}$", RegexOptions.None, 1000)]
    private static partial Regex Harmless();
}
