using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.Validation.Contracts;

/// <summary>What the door needs to know before it reads a body: the size limit, and whether the caller's quota is used up already.</summary>
[MessageName("validation.get-intake-policy.v1"), Requires(Role.Submitter)]
public sealed record GetIntakePolicy : IQuery<IntakePolicy>;

/// <summary>The answer to <see cref="GetIntakePolicy"/>.</summary>
/// <param name="MaxFileSize">In bytes.</param>
/// <param name="RateLimit">What is left of the caller's quota; nothing is counted by asking.</param>
public sealed record IntakePolicy(long MaxFileSize, RateLimitInfo RateLimit);
