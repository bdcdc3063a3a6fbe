using System.Collections.Immutable;
using System.Text.Json;
using Dox.SharedKernel.Access;

namespace Dox.Host.Auth;

/// <summary>Somebody, as HTTP tells it.</summary>
/// <param name="Teams">Of a reviewer; empty means all.</param>
internal sealed record UserView(string UserId, string AccountId, IReadOnlyList<string> Roles, IReadOnlyList<string> Teams)
{
    public const string Tag = "Access";

    public static UserView Of(Caller caller) => new(caller.User, caller.Account, NamesOf(caller.Roles), caller.Teams);

    public static IReadOnlyList<string> NamesOf(ImmutableArray<Role> roles) => [.. roles.Select(role => JsonNamingPolicy.SnakeCaseLower.ConvertName(role.ToString()))];
}
