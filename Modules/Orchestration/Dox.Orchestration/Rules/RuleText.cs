using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.Workflows.Rules;
using Microsoft.AspNetCore.Http;

namespace Dox.Orchestration.Rules;

/// <summary>A rule in a request's body: YAML as it is, or JSON with <c>source</c>.</summary>
internal static class RuleText
{
    /// <exception cref="DoxException">413: too long; 400: no text.</exception>
    public static Task<string> ReadAsync(HttpRequest request, CancellationToken cancellationToken) =>
        SourceBody.ReadAsync(request, "rule", RuleParser.LongestText, cancellationToken);

    /// <summary>What is wrong with a rule, as findings of a problem.</summary>
    public static IReadOnlyList<Finding> Findings(IEnumerable<Diagnostic> diagnostics) =>
        [.. diagnostics.Select(d => new Finding("rule", d.Code, d.Message + (d.Suggestion is null ? "" : $" ({d.Suggestion})"), Evidence: $"line {d.Line}, column {d.Column}"))];
}
