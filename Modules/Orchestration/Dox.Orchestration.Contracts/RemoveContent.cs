using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.Orchestration.Contracts;

/// <summary>A document was deleted: its bytes go too, unless another one has the same.</summary>
/// <param name="Sha256">Of the content, 64 lower-case hexadecimal digits.</param>
[MessageName("orchestration.remove-content.v1"), Requires(Role.System)]
public sealed record RemoveContent(string Sha256) : ICommand;
