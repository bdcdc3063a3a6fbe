using Dox.Workflows.Actions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Does the service that a step names exist, and does it answer the endpoint?</summary>
internal static class ServiceCheck
{
    /// <summary>What the endpoint's answer holds, where that is known.</summary>
    public static IReadOnlyList<string>? Check(StepSource step, Vocabulary vocabulary, DiagnosticBag bag)
    {
        if (step.Map?["service"] is not YamlText service || service.Value.Contains('{', StringComparison.Ordinal)) return null;
        if (!vocabulary.Services.TryGetValue(service.Value.Trim(), out var known))
        {
            bag.Warn("unknown-service", service.Mark, $"No service '{Suggest.Shorten(service.Value)}' is configured here; the step will fail.", Suggest.DidYouMean(service.Value, vocabulary.Services.Keys));
            return null;
        }

        if (known.Endpoints is null || step.Map["endpoint"] is not YamlText endpoint || endpoint.Value.Contains('{', StringComparison.Ordinal)) return null;
        var method = (step.Map["method"] as YamlText)?.Value.Trim().ToUpperInvariant();
        if (method?.Contains('{', StringComparison.Ordinal) == true) method = null;
        var path = endpoint.Value.Trim().Split('?')[0];
        var answering = known.Endpoints.FirstOrDefault(candidate => (method is null || candidate.Method == method) && Matches(candidate.Path, path));
        if (answering is not null) return answering.Produces;
        bag.Error("unknown-endpoint", endpoint.Mark, $"'{service.Value}' doesn't answer {method ?? "GET"} {Suggest.Shorten(path)}.",
            known.Endpoints.Count == 0 ? "it answers nothing" : $"it answers {string.Join(", ", known.Endpoints.Select(candidate => $"{candidate.Method} {candidate.Path}"))}");
        return null;
    }

    private static bool Matches(string pattern, string path)
    {
        var expected = pattern.Split('/');
        var given = path.Split('/');
        if (expected.Length != given.Length) return false;
        for (var i = 0; i < expected.Length; i++)
            if (!expected[i].StartsWith('{') && !string.Equals(expected[i], given[i], StringComparison.OrdinalIgnoreCase)) return false;
        return true;
    }
}
