using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
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
        bool WithinLimit, double WindowHours, int UserCount, int UserLimit, int AccountCount, int AccountLimit, string? Violation, int RetryAfterSeconds, DateTimeOffset Timestamp);

    internal sealed class Handler(RateLimiter limiter, CallContext call, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var info = await limiter.PeekAsync(Quota.Documents, call.Caller, cancellationToken);
            var now = clock.GetUtcNow();
            return new(true, info.WithinLimit, new(
                info.WithinLimit, info.WindowHours, info.UserCount, info.UserLimit, info.AccountCount, info.AccountLimit, info.Violation, info.RetryAfterSeconds, now), now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/validate/rate-check", (IMediator mediator, CancellationToken cancellationToken) => mediator.Send(new Query(), cancellationToken))
            .WithSummary("What is left of the caller's quota").Produces<Answer>().ProducesProblem(StatusCodes.Status403Forbidden);
}
