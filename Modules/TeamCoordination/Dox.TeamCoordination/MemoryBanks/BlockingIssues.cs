using System.Text.Json.Nodes;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary><c>BLOCKING_ISSUES.json</c>: what is open and what was resolved, ours by their ids beside those of others.</summary>
internal static class BlockingIssues
{
    public const string Open = "blocking_issues";
    private const string Resolved = "resolved_issues";

    public static void Opened(JsonObject root, JsonObject issue)
    {
        Remove(root, Open, issue);
        BankMerge.ListOf(root, Open).Add(issue);
    }

    public static void Closed(JsonObject root, JsonObject issue)
    {
        Remove(root, Open, issue);
        Remove(root, Resolved, issue);
        BankMerge.Append(root, Resolved, issue);
    }

    private static void Remove(JsonObject root, string list, JsonObject issue)
    {
        var id = issue["issue_id"]!.GetValue<string>();
        BankMerge.ListOf(root, list).RemoveAll(i => i is JsonObject other && other["issue_id"] is JsonValue value && value.TryGetValue<string>(out var otherId) && otherId == id);
    }
}
