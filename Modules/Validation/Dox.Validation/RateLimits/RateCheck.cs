using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.Validation.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Validation.RateLimits;

/// <summary>What is left of the caller's quota. Asking counts nothing.</summary>
internal static class RateCheck
{
    [Requires(Role.Submitter)]
    internal sealed record Query : IQuery<Answer>;

    internal sealed record Answer(bool Success, bool WithinLimit, Info RateLimitInfo, DateTimeOffset Timestamp);

    internal sealed record Info(
        bool WithinLimit, double WindowHours, int UserCount, int UserLimit, int AccountCount, int AccountLimit, string? Violation, int RetryAfterSeconds,
        long UserBytes, long UserBytesLimit, long AccountBytes, long AccountBytesLimit, int ResetSeconds, DateTimeOffset Timestamp);

    internal sealed class Handler(RateLimiter limiter, CallContext call, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var info = await limiter.PeekAsync(Quota.Documents, call.Caller, cancellationToken);
            var now = clock.GetUtcNow();
            return new(true, info.WithinLimit, new(
                info.WithinLimit, info.WindowHours, info.UserCount, info.UserLimit, info.AccountCount, info.AccountLimit, info.Violation, info.RetryAfterSeconds,
                info.UserBytes, info.UserBytesLimit, info.AccountBytes, info.AccountBytesLimit, info.ResetSeconds, now), now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/validate/rate-check", async (IMediator mediator, HttpResponse response, CancellationToken cancellationToken) =>
            {
                var answer = await mediator.Send(new Query(), cancellationToken);
                var quota = answer.RateLimitInfo;
                RateLimitHeaders.Write(
                    response, TimeSpan.FromHours(quota.WindowHours), TimeSpan.FromSeconds(quota.WithinLimit ? quota.ResetSeconds : quota.RetryAfterSeconds),
                    new QuotaState("user", quota.UserLimit, quota.UserCount), new QuotaState("account", quota.AccountLimit, quota.AccountCount));
                return answer;
            })
            .WithSummary("What is left of the caller's quota").Produces<Answer>().ProducesProblem(StatusCodes.Status403Forbidden);
}
