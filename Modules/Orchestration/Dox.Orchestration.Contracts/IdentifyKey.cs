using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.Orchestration.Contracts;

/// <summary>Whose key it is that somebody shows.</summary>
/// <param name="Hash">The key's SHA-256, 64 lower-case hexadecimal digits: keys themselves travel no further than to where they are shown.</param>
[MessageName("orchestration.identify-key.v1"), Requires(Role.System)]
public sealed record IdentifyKey(string Hash) : IQuery<KeyIdentity>;

/// <summary>The answer to <see cref="IdentifyKey"/> and <see cref="FindKeyHolder"/>.</summary>
/// <param name="Holder">Who comes with it; null: there is no such key, or it has run out, or was revoked.</param>
public sealed record KeyIdentity(Caller? Holder);
