using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using MediatR;
using Microsoft.Extensions.Options;

namespace Dox.Validation.RateLimits;

internal sealed class IntakePolicyHandler(RateLimiter limiter, CallContext call, IOptions<ValidationOptions> options) : IRequestHandler<GetIntakePolicy, IntakePolicy>
{
    public async Task<IntakePolicy> Handle(GetIntakePolicy request, CancellationToken cancellationToken) =>
        new(options.Value.MaxFileSize, await limiter.PeekAsync(Quota.Documents, call.Caller, cancellationToken));
}
