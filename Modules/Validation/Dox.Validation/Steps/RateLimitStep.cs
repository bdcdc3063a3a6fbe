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
        Result(await limiter.CountAsync(Quota.Documents, file.Id, call.Caller, cancellationToken));

    /// <summary>The same, for a file that won't be kept.</summary>
    public IValidationStep WithoutCounting => new Peeking(this);

    /// <summary>The sentence for a quota that is used up.</summary>
    public static string Explain(RateLimitInfo info) => info.Violation switch
    {
        "account" => $"The account has sent {info.AccountCount} documents in {info.WindowHours} hours; {info.AccountLimit} are allowed. Try again in {info.RetryAfterSeconds} s.",
        "user" => $"You have sent {info.UserCount} documents in {info.WindowHours} hours; {info.UserLimit} are allowed. Try again in {info.RetryAfterSeconds} s.",
        _ => $"You send faster than is allowed. Try again in {info.RetryAfterSeconds} s.",
    };

    private StepResult Result(RateLimitInfo info)
    {
        Finding[] findings = info.WithinLimit
            ? []
            : [this.Finding(
                "rate_limit_exceeded", Explain(info), $"{(info.Violation == "account" ? info.AccountCount : info.UserCount)}",
                $"{(info.Violation == "account" ? info.AccountLimit : info.UserLimit)}", $"{info.Violation}, retry after {info.RetryAfterSeconds} s")];
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
