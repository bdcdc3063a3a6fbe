using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Teams;

namespace Dox.TeamCoordination.Coordination;

/// <summary>
/// What stands in the banks of services. Other programs write them, each with its own keys: what can be understood is taken, and nothing else
/// is made up.
/// </summary>
internal sealed class ServiceBanks(BankFolder folder, TeamDirectory teams)
{
    private const string Start = "SERVICE_";
    private const string Ending = ".json";
    private const int MostDependencies = 200;
    private static readonly string[] s_status = ["status", "overall_status", "health", "state", "phase"];
    private static readonly string[] s_progress = ["progress_percent", "overall_progress_percent", "completion_percentage", "completion_percent", "progress"];
    private static readonly string[] s_dependencies = ["dependencies", "depends_on"];

    /// <summary>Every service that a team owns or that has a bank, by name.</summary>
    public async Task<IReadOnlyList<ServiceBank>> ReadAsync(CancellationToken cancellationToken)
    {
        var owned = teams.All.SelectMany(team => team.Services);
        var written = folder.All().Where(file => file.StartsWith(Start, StringComparison.Ordinal)).Select(file => file[Start.Length..^Ending.Length]);
        var banks = new List<ServiceBank>();
        foreach (var service in owned.Union(written, StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)) banks.Add(await ReadAsync(service, cancellationToken));
        return banks;
    }

    private async Task<ServiceBank> ReadAsync(string service, CancellationToken cancellationToken)
    {
        var team = teams.Resolve(null, service);
        var (content, problem) = await ContentAsync($"{Start}{service}{Ending}", cancellationToken);
        if (content is null) return new ServiceBank(service, team, null, null, [], problem);
        var progress = s_progress.Select(key => NumberOf(content[key])).FirstOrDefault(number => number is not null);
        return new ServiceBank(service, team, s_status.Select(key => TextOf(content[key])).FirstOrDefault(text => text is not null), progress, [.. DependenciesOf(content)], null);
    }

    /// <summary>A bank's content; null where there is none, with why where it is there and broken.</summary>
    public async Task<(JsonObject? Content, string? Problem)> ContentAsync(string bank, CancellationToken cancellationToken)
    {
        if (folder.Locate(bank) is not { } path) return (null, null);
        try
        {
            var document = BankDocument.TryParse(await File.ReadAllBytesAsync(path, cancellationToken), out var problem);
            return (document?.Root, problem);
        }
        catch (IOException error)
        {
            return (null, error.Message);
        }
    }

    // A list of names or of maps with one, or a map by name
    private static IEnumerable<string> DependenciesOf(JsonObject content)
    {
        var named = s_dependencies.Select(key => content[key]).FirstOrDefault(node => node is not null) switch
        {
            JsonArray list => list.Select(item => TextOf(item) ?? TextOf((item as JsonObject)?["service"]) ?? TextOf((item as JsonObject)?["name"])),
            JsonObject map => map.Select(entry => entry.Key),
            _ => [],
        };
        return named.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Take(MostDependencies);
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static double? NumberOf(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? Math.Clamp(value.GetValue<double>(), 0, 100) : null;
}

/// <summary>What a service's bank says; everything null where there is no bank.</summary>
internal sealed record ServiceBank(string Service, string Team, string? Status, double? ProgressPercent, IReadOnlyList<string> DependsOn, string? Problem);
