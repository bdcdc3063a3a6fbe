using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.TeamCoordination.Contracts;
using MediatR;

namespace Dox.TeamCoordination.Coordination;

/// <summary>
/// <c>API_CONTRACTS.json</c> holds under <c>contracts</c>, or at its top, one map a service: <c>endpoints</c>, each with <c>method</c>,
/// <c>path</c>, and where it is promised <c>status</c> and <c>response_fields</c>.
/// </summary>
internal sealed class ValidateApiAgainstContractHandler(ServiceBanks banks) : IRequestHandler<ValidateApiAgainstContract, ApiCheck>
{
    private const string Bank = "API_CONTRACTS.json";
    private const int MostProblems = 100;
    private static readonly string[] s_methods = ["get", "post", "put", "patch", "delete"];

    public async Task<ApiCheck> Handle(ValidateApiAgainstContract request, CancellationToken cancellationToken)
    {
        var (content, problem) = await banks.ContentAsync(Bank, cancellationToken);
        if (problem is not null) return NoContract(request.Service, $"{Bank} can't be read: {problem}");
        var contract = (content?["contracts"] as JsonObject ?? content)?[request.Service] as JsonObject;
        if (contract?["endpoints"] is not JsonArray promised) return NoContract(request.Service, $"{Bank} holds no endpoints of '{request.Service}'.");
        var answered = EndpointsOf(request.Api).ToList();
        var endpoints = promised.OfType<JsonObject>().ToList();
        var problems = endpoints.SelectMany(endpoint => Check(endpoint, answered)).Take(MostProblems).ToList();
        return new ApiCheck(request.Service, problems.Count == 0, true, endpoints.Count, problems);
    }

    private static ApiCheck NoContract(string service, string problem) => new(service, false, false, 0, [problem]);

    private static IEnumerable<string> Check(JsonObject promised, List<Endpoint> answered)
    {
        var (method, path) = (Text(promised["method"])?.ToUpperInvariant() ?? "GET", Text(promised["path"]) ?? "");
        if (answered.FirstOrDefault(endpoint => endpoint.Method == method && SamePath(endpoint.Path, path)) is not { } found)
        {
            yield return $"{method} {path} isn't answered.";
            yield break;
        }

        if (promised["status"] is JsonValue status && found.Status is { } given && status.ToString() != given) yield return $"{method} {path} answers {given}, promised is {status}.";
        if (found.Response is not { } response) yield break;
        foreach (var field in (promised["response_fields"] as JsonArray ?? []).Select(Text).OfType<string>())
            if (!response.TryGetProperty(field, out _)) yield return $"{method} {path}: the answer has no '{field}'.";
    }

    private static IEnumerable<Endpoint> EndpointsOf(JsonElement api)
    {
        if (api.ValueKind != JsonValueKind.Object) yield break;
        if (api.TryGetProperty("paths", out var paths) && paths.ValueKind == JsonValueKind.Object)
        {
            foreach (var path in paths.EnumerateObject().Where(path => path.Value.ValueKind == JsonValueKind.Object))
                foreach (var method in path.Value.EnumerateObject().Where(method => s_methods.Contains(method.Name, StringComparer.OrdinalIgnoreCase)))
                    yield return new Endpoint(method.Name.ToUpperInvariant(), path.Name, null, null);
        }

        if (!api.TryGetProperty("endpoints", out var endpoints) || endpoints.ValueKind != JsonValueKind.Array) yield break;
        foreach (var endpoint in endpoints.EnumerateArray().Where(endpoint => endpoint.ValueKind == JsonValueKind.Object))
        {
            var status = endpoint.TryGetProperty("status", out var given) ? given.ToString() : null;
            yield return new Endpoint(
                Text(endpoint, "method")?.ToUpperInvariant() ?? "GET", Text(endpoint, "path") ?? "", status,
                endpoint.TryGetProperty("response", out var response) && response.ValueKind == JsonValueKind.Object ? response : null);
        }
    }

    // Names in braces differ between writers
    private static bool SamePath(string one, string other)
    {
        var (left, right) = (one.Trim('/').Split('/'), other.Trim('/').Split('/'));
        return left.Length == right.Length && left.Zip(right).All(pair => pair.First == pair.Second || (pair.First.StartsWith('{') && pair.Second.StartsWith('{')));
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record Endpoint(string Method, string Path, string? Status, JsonElement? Response);
}
