using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Dox.TeamCoordination.Teams;

/// <summary>The teams. Section <c>Dox</c>: <c>Dox:Teams</c> lists them, <c>Dox:DefaultTeam</c> owns what no team does.</summary>
internal sealed partial class TeamOptions : IValidateOptions<TeamOptions>
{
    /// <summary>Empty: the seven that DOX comes with.</summary>
    public List<TeamDefinition> Teams { get; set; } = [];

    public string DefaultTeam { get; set; } = "Document";

    public static void FillIn(TeamOptions options)
    {
        // The binder adds to a list that is there already, so the default can't be the property's initial value.
        if (options.Teams.Count > 0) return;
        options.Teams =
        [
            new() { Name = "Infrastructure", Services = ["dox-core-store", "dox-core-auth"] },
            new() { Name = "Document", Services = ["dox-tmpl-service", "dox-tmpl-field-mapper"] },
            new() { Name = "Signing", Services = ["dox-esig-service", "dox-esig-webhook-listener", "dox-rtns-manual-upload", "dox-rtns-barcode-matcher"] },
            new() { Name = "Activation", Services = ["dox-actv-service", "dox-actv-listener"] },
            new() { Name = "Data", Services = ["dox-data-etl-service", "dox-data-distrib-service", "dox-data-aggregation-service"] },
            new() { Name = "Frontend", Services = ["dox-gtwy-main"] },
            new() { Name = "Automation", Services = ["dox-auto-workflow-engine", "dox-auto-lifecycle-service"] },
        ];
    }

    public ValidateOptionsResult Validate(string? name, TeamOptions options)
    {
        var problems = new List<string>();
        foreach (var team in options.Teams.Where(t => !Named().IsMatch(t.Name)))
            problems.Add($"Dox:Teams: '{team.Name}' can't name a team: it goes into the name of a file. Use letters, digits, '-' and '_', at most 60.");
        foreach (var twice in options.Teams.GroupBy(t => t.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            problems.Add($"Dox:Teams names {twice.Key} twice.");
        foreach (var shared in options.Teams.SelectMany(t => t.Services.Select(s => (Service: s, t.Name))).GroupBy(s => s.Service, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            problems.Add($"Dox:Teams: the service {shared.Key} belongs to {string.Join(" and ", shared.Select(s => s.Name))}; it can belong to one.");
        if (!options.Teams.Any(t => string.Equals(t.Name, options.DefaultTeam, StringComparison.OrdinalIgnoreCase)))
            problems.Add($"Dox:DefaultTeam is '{options.DefaultTeam}', which Dox:Teams doesn't list.");
        return problems.Count > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,60}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Named();
}

internal sealed class TeamDefinition
{
    public string Name { get; set; } = "";

    /// <summary>The services it owns.</summary>
    public List<string> Services { get; set; } = [];
}
