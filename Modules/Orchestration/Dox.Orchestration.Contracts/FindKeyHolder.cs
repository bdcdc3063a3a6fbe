using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.Orchestration.Contracts;

/// <summary>Who comes with the newest key of that name which is taken now.</summary>
/// <param name="Name">The key's name.</param>
[MessageName("orchestration.find-key-holder.v1"), Requires(Role.System)]
public sealed record FindKeyHolder(string Name) : IQuery<KeyIdentity>;
