using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.Validation.Contracts;

/// <summary>Content is in the store no more, since all its documents were deleted. What people decided on it in quarantine stays.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
[MessageName("validation.forget-content.v1"), Requires(Role.System)]
public sealed record ForgetContent(string Sha256) : ICommand;
