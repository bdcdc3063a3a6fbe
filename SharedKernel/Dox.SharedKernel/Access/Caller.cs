using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Dox.SharedKernel.Access;

/// <summary>What somebody may do. Wire names are the lower-case names.</summary>
public enum Role
{
    /// <summary>Sends documents and sees those of the own account.</summary>
    Submitter,

    /// <summary>Decides reviews of the own teams.</summary>
    Reviewer,

    /// <summary>Watches, retries, pauses and cancels runs; sees all accounts.</summary>
    Operator,

    /// <summary>Changes rules and templates.</summary>
    Author,

    /// <summary>May do everything.</summary>
    Admin,

    /// <summary>DOX itself: the engine, a relay, a schedule. Never given to a person or a key.</summary>
    System,
}

/// <summary>Who asks: travels with each message, so that a handler in another process can authorise too.</summary>
/// <param name="User">A stable id of the person or key, for audit; <c>anonymous</c> without authentication.</param>
/// <param name="Account">The account whose documents the caller owns.</param>
/// <param name="Roles">What the caller may do.</param>
/// <param name="Teams">The teams a reviewer belongs to; empty means all.</param>
public sealed record Caller(string User, string Account, ImmutableArray<Role> Roles, ImmutableArray<string> Teams)
{
    /// <summary>DOX itself.</summary>
    public static Caller System { get; } = new("system", "system", [Role.System], []);

    /// <summary>Nobody: has no role.</summary>
    public static Caller Anonymous { get; } = new("anonymous", "default", [], []);

    /// <summary>Whether no rate limits the caller: it showed the token for that.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsUnlimited { get; init; }

    /// <summary>How many runs led to this call, each started by what the one before it did; 0: a person, a clock or another system asks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Depth { get; init; }

    /// <summary>DOX itself, on behalf of this caller: quotas and audit see that one.</summary>
    public Caller AsSystem() => this with { Roles = [Role.System], Teams = [] };

    /// <summary>Whether the caller holds one of the roles; <see cref="Role.Admin"/> and <see cref="Role.System"/> hold all.</summary>
    public bool Holds(params ReadOnlySpan<Role> anyOf)
    {
        if (Roles.Contains(Role.Admin) || Roles.Contains(Role.System)) return true;
        foreach (var role in anyOf)
        {
            if (Roles.Contains(role)) return true;
        }

        return false;
    }

    /// <summary>
    /// Whether the caller sees every account: operators do, and reviewers who belong to no team in particular. A team's reviewer sees the own
    /// account, and what the team is asked about.
    /// </summary>
    [JsonIgnore]
    public bool SeesAllAccounts => Holds(Role.Operator) || (Holds(Role.Reviewer) && Teams.IsDefaultOrEmpty);

    /// <summary>Whether the caller sees what <paramref name="account"/> owns.</summary>
    public bool Sees(string account) => account == Account || SeesAllAccounts;
}
