using System.Collections.Immutable;
using System.Security.Claims;
using Dox.SharedKernel.Access;

namespace Dox.Host.Auth;

/// <summary>Who the caller is, by the claims of its key or token.</summary>
internal static class Callers
{
    public const string UserClaim = "sub";
    public const string AccountClaim = "account_id";
    public const string RolesClaim = "roles";

    private const string EarlierAccountClaim = "site_id";
    private const string TeamsClaim = "teams";
    private const int LongestName = 200;

    // The type of a claim that is one name, blanks and all
    private const string Whole = "name";

    // System isn't among them: no token makes its bearer DOX itself. The earlier platform's roles follow ours.
    private static readonly Dictionary<string, Role[]> s_roles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["submitter"] = [Role.Submitter],
        ["reviewer"] = [Role.Reviewer],
        ["operator"] = [Role.Operator],
        ["author"] = [Role.Author],
        ["admin"] = [Role.Admin],
        ["signer"] = [Role.Submitter],
        ["viewer"] = [Role.Submitter],
        ["api-client"] = [Role.Submitter],
        ["manager"] = [Role.Submitter, Role.Reviewer, Role.Operator],
    };

    public static Caller Of(ClaimsPrincipal user)
    {
        if (user.Identity?.IsAuthenticated != true) return Caller.Anonymous;
        return new(
            user.FindFirstValue(UserClaim)!,
            AccountOf(user) ?? "default",
            [.. Values(user, RolesClaim).SelectMany(r => s_roles.GetValueOrDefault(r, [])).Distinct()],
            [.. Values(user, TeamsClaim)]);
    }

    /// <summary>The claims of who comes with a key.</summary>
    public static ClaimsIdentity IdentityOf(Caller holder, string scheme) => new(
        [
            new Claim(UserClaim, holder.User), new Claim(AccountClaim, holder.Account),
            .. holder.Roles.Select(role => new Claim(RolesClaim, role.ToString())), .. holder.Teams.Select(team => new Claim(TeamsClaim, team, Whole)),
        ], scheme);

    /// <summary>What is wrong with a token's names: they are kept with each document, and written to logs. Null where nothing is.</summary>
    public static string? Problem(ClaimsPrincipal user)
    {
        if (user.FindFirstValue(UserClaim) is not { } name || !IsName(name)) return $"The token's {UserClaim} isn't a name of 1 to {LongestName} characters.";
        return AccountOf(user) is { } account && !IsName(account) ? $"The token's {AccountClaim} isn't a name of 1 to {LongestName} characters." : null;
    }

    public static string? AccountOf(ClaimsPrincipal user) => user.FindFirstValue(AccountClaim) ?? user.FindFirstValue(EarlierAccountClaim);

    private static bool IsName(string text) => !string.IsNullOrWhiteSpace(text) && text.Length <= LongestName && !text.Any(char.IsControl);

    // An array in the token is a claim each; some issuers write one text with spaces or commas.
    private static ImmutableArray<string> Values(ClaimsPrincipal user, string claim) =>
        [.. user.FindAll(claim).SelectMany(c => c.ValueType == Whole ? [c.Value] : c.Value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
}
