using Microsoft.AspNetCore.Http;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>A limit, as a client is told of it.</summary>
/// <param name="Name">For example <c>user</c>.</param>
/// <param name="Limit">How many within the window.</param>
/// <param name="Count">How many were counted.</param>
public sealed record QuotaState(string Name, int Limit, int Count)
{
    /// <summary>How many are left.</summary>
    public int Remaining => Math.Max(0, Limit - Count);
}

/// <summary>
/// What is left of limits, on successes too: a client that sees it doesn't run into them. <c>RateLimit</c> and <c>RateLimit-Policy</c> as the IETF's
/// draft has them, and the older <c>X-RateLimit-…</c>.
/// </summary>
public static class RateLimitHeaders
{
    /// <summary>Writes them.</summary>
    /// <param name="response">Not started yet.</param>
    /// <param name="window">In which they hold.</param>
    /// <param name="reset">Until there is room for one more than now; zero where nothing is counted.</param>
    /// <param name="limits">The first is the one that <c>X-RateLimit-Limit</c> names.</param>
    public static void Write(HttpResponse response, TimeSpan window, TimeSpan reset, params ReadOnlySpan<QuotaState> limits)
    {
        ArgumentNullException.ThrowIfNull(response);
        var (tightest, policies) = (limits[0], new List<string>());
        foreach (var limit in limits)
        {
            policies.Add($"\"{limit.Name}\";q={limit.Limit};w={(long)window.TotalSeconds}");
            if (limit.Remaining < tightest.Remaining) tightest = limit;
        }

        var seconds = (long)Math.Ceiling(reset.TotalSeconds);
        response.Headers["RateLimit-Policy"] = string.Join(", ", policies);
        response.Headers["RateLimit"] = $"\"{tightest.Name}\";r={tightest.Remaining};t={seconds}";
        response.Headers["X-RateLimit-Limit"] = limits[0].Limit.ToString();
        response.Headers["X-RateLimit-Remaining"] = tightest.Remaining.ToString();
        response.Headers["X-RateLimit-Reset"] = seconds.ToString();
    }
}
