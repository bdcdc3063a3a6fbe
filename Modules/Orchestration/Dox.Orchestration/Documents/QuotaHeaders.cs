using System.Globalization;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.Validation.Contracts;
using Microsoft.AspNetCore.Http;

namespace Dox.Orchestration.Documents;

/// <summary>What is left of the quota, on successes too: a client that sees it doesn't run into it.</summary>
internal static class QuotaHeaders
{
    public static void Write(HttpResponse response, RateLimitInfo quota) => RateLimitHeaders.Write(
        response, TimeSpan.FromHours(quota.WindowHours), TimeSpan.FromSeconds(quota.WithinLimit ? quota.ResetSeconds : quota.RetryAfterSeconds),
        new QuotaState("user", quota.UserLimit, quota.UserCount), new QuotaState("account", quota.AccountLimit, quota.AccountCount));

    public static DoxException Exceeded(RateLimitInfo quota, DateTimeOffset now)
    {
        (long count, long limit) = quota.Violation switch
        {
            "account" => (quota.AccountCount, quota.AccountLimit),
            "user_bytes" => (quota.UserBytes, quota.UserBytesLimit),
            "account_bytes" => (quota.AccountBytes, quota.AccountBytesLimit),
            _ => (quota.UserCount, quota.UserLimit),
        };
        var what = quota.Violation is "user_bytes" or "account_bytes" ? "bytes" : "documents";
        var message = quota.Violation == "burst"
            ? $"Too many documents at once. Try again in {quota.RetryAfterSeconds} seconds."
            : $"The limit of {limit} {what} for this {(quota.Violation ?? "user").Replace("_bytes", "", StringComparison.Ordinal)} is used up. Try again in {quota.RetryAfterSeconds} seconds.";
        return new(
            429, "rate_limit_exceeded", message,
            [new Finding("rate_limit", "rate_limit_exceeded", message, Provided: count.ToString(), MaxAllowed: limit.ToString(), Evidence: quota.Violation)])
        {
            RetryAfter = TimeSpan.FromSeconds(quota.RetryAfterSeconds),
            // What earlier clients read of a limit
            Details = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["limit"] = limit.ToString(CultureInfo.InvariantCulture),
                ["window"] = string.Create(CultureInfo.InvariantCulture, $"{quota.WindowHours} hours"),
                ["reset_time"] = (now + TimeSpan.FromSeconds(quota.RetryAfterSeconds)).ToString("O", CultureInfo.InvariantCulture),
            },
        };
    }
}
