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

    [GeneratedRegex(@"\A(?:WORKFLOW_EXECUTION_LOG|SUPERVISOR|BLOCKING_ISSUES|API_CONTRACTS|WORKFLOW_EVENTS|TEAM_[A-Za-z0-9_-]+|SERVICE_[A-Za-z0-9_-][A-Za-z0-9_. -]*)\.json\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Known();
}
