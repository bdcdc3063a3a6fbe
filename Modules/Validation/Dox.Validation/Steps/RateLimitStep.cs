using System.Globalization;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.RateLimits;

namespace Dox.Validation.Steps;

/// <summary>Step 4: whether the caller and its account may send one more. Counts it when it may.</summary>
internal sealed class RateLimitStep(RateLimiter limiter, CallContext call) : IValidationStep
{
    public string Name => "rate_limit";

    public async Task<StepResult> CheckAsync(SubmittedFile file, CancellationToken cancellationToken) =>
        Result(await limiter.CountAsync(Quota.Documents, file.Id, file.Length, call.Caller, cancellationToken));

    /// <summary>The same, for a file that won't be kept.</summary>
    public IValidationStep WithoutCounting => new Peeking(this);

    /// <summary>The sentence for a quota that is used up.</summary>
    public static string Explain(RateLimitInfo info) => info.Violation switch
    {
        "account" => $"The account has sent {info.AccountCount} documents in {info.WindowHours} hours; {info.AccountLimit} are allowed. Try again in {info.RetryAfterSeconds} s.",
        "user" => $"You have sent {info.UserCount} documents in {info.WindowHours} hours; {info.UserLimit} are allowed. Try again in {info.RetryAfterSeconds} s.",
        "user_bytes" => $"You have sent {Megabytes(info.UserBytes)} MB in {info.WindowHours} hours; {Megabytes(info.UserBytesLimit)} MB are allowed. Try again in {info.RetryAfterSeconds} s.",
        "account_bytes" => $"The account has sent {Megabytes(info.AccountBytes)} MB in {info.WindowHours} hours; {Megabytes(info.AccountBytesLimit)} MB are allowed. Try again in {info.RetryAfterSeconds} s.",
        _ => $"You send faster than is allowed. Try again in {info.RetryAfterSeconds} s.",
    };

    private static (long Count, long Limit) Sent(RateLimitInfo info) => info.Violation switch
    {
        "account" => (info.AccountCount, info.AccountLimit),
        "user_bytes" => (info.UserBytes, info.UserBytesLimit),
        "account_bytes" => (info.AccountBytes, info.AccountBytesLimit),
        _ => (info.UserCount, info.UserLimit),
    };

    private static string Megabytes(long bytes) => (bytes / (1024.0 * 1024)).ToString("0.#", CultureInfo.InvariantCulture);

    private StepResult Result(RateLimitInfo info)
    {
        Finding[] findings = info.WithinLimit
            ? []
            : [this.Finding(
                "rate_limit_exceeded", Explain(info), $"{Sent(info).Count}", $"{Sent(info).Limit}", $"{info.Violation}, retry after {info.RetryAfterSeconds} s")];
        return this.Result(findings, FinalStatus.RateLimited, 429) with { RateLimit = info };
    }

    private sealed class Peeking(RateLimitStep step) : IValidationStep
    {
        public string Name => step.Name;

        public async Task<StepResult> CheckAsync(SubmittedFile file, CancellationToken cancellationToken) =>
            step.Result(await step.Limiter.PeekAsync(Quota.Documents, step.Caller, cancellationToken));
    }

    private RateLimiter Limiter => limiter;

    private Caller Caller => call.Caller;
}
