using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using MediatR;

namespace Dox.Validation.RateLimits;

internal sealed class CountUseHandler(RateLimiter limiter, CallContext call) : IRequestHandler<CountUse, RateLimitInfo>
{
    public Task<RateLimitInfo> Handle(CountUse request, CancellationToken cancellationToken) => limiter.CountAsync(
        request.Use == LimitedUse.Recognitions ? Quota.Recognitions : Quota.WorkflowStarts, new Id<Document>(request.Id), bytes: 0, call.Caller, cancellationToken);
}
