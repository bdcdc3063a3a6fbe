using System.Diagnostics;
using System.Text.Json;
using Dox.SharedKernel.Errors;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>
/// Turns what an endpoint throws into a problem. A client's fault is one line at debug level, without a stack trace: somebody who
/// sends rubbish must not be able to fill our log. Only what is our own fault is logged as an error.
/// </summary>
internal sealed class FaultHandler(ILogger<FaultHandler> log) : IExceptionHandler
{
    private const int ClientClosedRequest = 499;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = ClientClosedRequest;
            return true;
        }

        var fault = exception switch
        {
            DoxException known => known,
            BadHttpRequestException bad => BadRequests.Explain(bad),
            JsonException json => BadRequests.Explain(json),
            _ => null,
        };
        if (fault is null)
        {
            log.LogError(exception, "{Method} {Path} failed, request {RequestId}", httpContext.Request.Method, httpContext.Request.Path, httpContext.TraceIdentifier);
            Activity.Current?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            await ProblemShape.WriteAsync(httpContext, ProblemShape.Of(500));
            return true;
        }

        var level = fault.Status >= 500 ? LogLevel.Warning : LogLevel.Debug;
        log.Log(level, "{Method} {Path} is answered with {Status} {Code}: {Message}", httpContext.Request.Method, httpContext.Request.Path, fault.Status, fault.Code, fault.Message);
        await ProblemShape.WriteAsync(httpContext, ProblemShape.Of(fault), fault.RetryAfter);
        return true;
    }
}
