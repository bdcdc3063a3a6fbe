using Dox.SharedKernel.Errors;
using Dox.Validation.Contracts;
using Microsoft.AspNetCore.Http;

namespace Dox.Orchestration.Documents;

/// <summary>What is left of the quota, on successes too: a client that sees it doesn't run into it.</summary>
internal static class QuotaHeaders
{
    public static void Write(HttpResponse response, RateLimitInfo quota)
    {
        var remaining = Math.Max(0, Math.Min(quota.UserLimit - quota.UserCount, quota.AccountLimit - quota.AccountCount));
        var window = (int)TimeSpan.FromHours(quota.WindowHours).TotalSeconds;
        response.Headers["RateLimit-Policy"] = $"\"user\";q={quota.UserLimit};w={window}, \"account\";q={quota.AccountLimit};w={window}";
        response.Headers["RateLimit"] = $"\"{(quota.UserLimit - quota.UserCount <= quota.AccountLimit - quota.AccountCount ? "user" : "account")}\";r={remaining};t={quota.RetryAfterSeconds}";
        response.Headers["X-RateLimit-Limit"] = quota.UserLimit.ToString();
        response.Headers["X-RateLimit-Remaining"] = remaining.ToString();
        response.Headers["X-RateLimit-Reset"] = quota.RetryAfterSeconds.ToString();
    }

    public static DoxException Exceeded(RateLimitInfo quota)
    {
        var (count, limit) = quota.Violation == "account" ? (quota.AccountCount, quota.AccountLimit) : (quota.UserCount, quota.UserLimit);
        var message = quota.Violation == "burst"
            ? $"Too many documents at once. Try again in {quota.RetryAfterSeconds} seconds."
            : $"The limit of {limit} documents for this {quota.Violation ?? "user"} is used up. Try again in {quota.RetryAfterSeconds} seconds.";
        return new(
            429, "rate_limit_exceeded", message,
            [new Finding("rate_limit", "rate_limit_exceeded", message, Provided: count.ToString(), MaxAllowed: limit.ToString(), Evidence: quota.Violation)])
        {
            RetryAfter = TimeSpan.FromSeconds(quota.RetryAfterSeconds),
        };
    }
}
