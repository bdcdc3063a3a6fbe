using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Microsoft.Extensions.Options;

namespace Dox.TeamCoordination.Teams;

/// <summary>Which teams there are, and who owns what.</summary>
internal sealed class TeamDirectory(IOptions<TeamOptions> options)
{
    private readonly TeamOptions _options = options.Value;

    public IReadOnlyList<TeamDefinition> All => _options.Teams;

    public TeamDefinition? Find(string name) => All.FirstOrDefault(t => Same(t.Name, name));

    public TeamDefinition Get(string name) => Find(name) ?? throw DoxException.NotFound("team", name);

    /// <exception cref="DoxException">404 where there is none, or the caller mustn't see it.</exception>
    public TeamDefinition OfCaller(string name, Caller caller)
    {
        var team = Get(name);
        return caller.SeesTeam(team.Name) ? team : throw DoxException.NotFound("team", name);
    }

    /// <summary>
    /// The team that is meant: by its name, by a service that it owns, else the default one. A review for a team that isn't configured
    /// must reach somebody, or its run waits for good.
    /// </summary>
    public string Resolve(string? name, string? service = null)
    {
        if (name is not null && Find(name) is { } named) return named.Name;
        return (OwnerOf(name) ?? OwnerOf(service) ?? Get(_options.DefaultTeam)).Name;
    }

    private TeamDefinition? OwnerOf(string? service) =>
        service is null ? null : All.FirstOrDefault(t => t.Services.Exists(s => Same(s, service)));

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}

internal static class TeamAccess
{
    /// <summary>Whether the caller works for that team: a reviewer of it, or of all.</summary>
    public static bool WorksFor(this Caller caller, string team) =>
        caller.Roles.Contains(Role.Admin) || caller.Roles.Contains(Role.System)
        || (caller.Holds(Role.Reviewer) && (caller.Teams.IsDefaultOrEmpty || caller.Teams.Contains(team, StringComparer.OrdinalIgnoreCase)));

    /// <summary>Whether the caller may see what that team has to do.</summary>
    public static bool SeesTeam(this Caller caller, string team) => caller.Holds(Role.Operator) || caller.WorksFor(team);
}
