using Dox.SharedKernel.Infrastructure.Http;

namespace Dox.Host.Auth;

/// <summary>Answers a locked-out address before its key is looked at: otherwise it would learn which guess was right.</summary>
internal sealed class GuessLockMiddleware(RequestDelegate next, GuessLock guesses)
{
    public Task InvokeAsync(HttpContext context)
    {
        var sendsCredentials = context.Request.Headers.ContainsKey(ApiKeyHandler.Header) || context.Request.Headers.ContainsKey("Authorization");
        return sendsCredentials && guesses.LockedFor(context.Connection.RemoteIpAddress) is { } left
            ? ProblemShape.WriteAsync(
                context, ProblemShape.Of(429, "too_many_failed_attempts", "Too many wrong keys came from this address. Wait, then send the right one."), left)
            : next(context);
    }
}
