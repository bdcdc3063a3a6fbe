using System.Text.RegularExpressions;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>The files that are banks. No other name is ever read or written, so none can lead out of the folder.</summary>
internal static partial class BankName
{
    public const string ExecutionLog = "WORKFLOW_EXECUTION_LOG.json";
    public const string BlockingIssues = "BLOCKING_ISSUES.json";
    public const string WorkflowEvents = "WORKFLOW_EVENTS.json";
    public const int MaxLength = 150;

    /// <summary>
    /// The bank that is meant, with the team's name as it is configured: writers differ in case. Null where it is no bank's name.
    /// </summary>
    public static string? Find(string name, IEnumerable<string> teams)
    {
        if (!name.EndsWith(".json", StringComparison.Ordinal)) name += ".json";
        if (name.Length > MaxLength || !Known().IsMatch(name)) return null;
        if (!name.StartsWith("TEAM_", StringComparison.Ordinal)) return name;
        var team = name["TEAM_".Length..^".json".Length];
        return $"TEAM_{teams.FirstOrDefault(t => string.Equals(t, team, StringComparison.OrdinalIgnoreCase)) ?? team}.json";
    }

    /// <summary>
    /// The banks that a rule means: <c>TEAM_*.json (for each team)</c> and <c>TEAM_[A|B].json</c> are several. Empty where one of them is no
    /// bank's name.
    /// </summary>
    public static IReadOnlyList<string> FindAll(string name, IReadOnlyCollection<string> teams)
    {
        var match = ForTeams().Match(name);
        if (!match.Success) return Find(name, teams) is { } one ? [one] : [];
        var meant = match.Groups["teams"] is { Success: true, Value: var listed } ? listed.Split('|', StringSplitOptions.TrimEntries) : [.. teams];
        var found = meant.Select(t => Find($"TEAM_{t}.json", teams)).Distinct(StringComparer.Ordinal).ToList();
        return found.Contains(null) ? [] : [.. found.OfType<string>()];
    }

    [GeneratedRegex(@"\ATEAM_(?:\*|\[(?<teams>[^\]]+)\])\.json(?: *\(for each team\))?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ForTeams();

    [GeneratedRegex(@"\A(?:WORKFLOW_EXECUTION_LOG|SUPERVISOR|BLOCKING_ISSUES|API_CONTRACTS|WORKFLOW_EVENTS|TEAM_[A-Za-z0-9_-]+|SERVICE_[A-Za-z0-9_-][A-Za-z0-9_. -]*)\.json\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Known();
}
