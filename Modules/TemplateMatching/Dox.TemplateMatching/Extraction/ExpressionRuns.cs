using System.Diagnostics;
using System.Text.RegularExpressions;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Extraction;

/// <summary>
/// Runs a template's expressions over one document in bounded time: each has its own limit, and all have one together. What isn't found
/// because time was up is told as a problem, never silently missing.
/// </summary>
internal sealed class ExpressionRuns
{
    public const int MaxMatches = 1_000;
    private static readonly TimeSpan AllTime = TimeSpan.FromSeconds(10);
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly List<string> _problems = [];

    /// <summary>In words: which expressions took too long.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>What the expression finds, at most <see cref="MaxMatches"/>; what it found until its time was up.</summary>
    public IReadOnlyList<Match> All(Expression expression, string text, string field, int max = MaxMatches)
    {
        var found = new List<Match>();
        if (IsOver(field)) return found;
        try
        {
            for (var match = expression.Regex.Match(text); match.Success && found.Count < max; match = match.NextMatch()) found.Add(match);
        }
        catch (RegexMatchTimeoutException)
        {
            Report($"{field}: the expression '{Short(expression)}' took longer than {expression.Regex.MatchTimeout.TotalSeconds:0.##} s over this document and was stopped.");
        }

        return found;
    }

    public bool Finds(Expression expression, string text, string field) => expression.Literal is { } literal
        ? text.Contains(literal, StringComparison.Ordinal)
        : First(expression, text, field) is not null;

    public Match? First(Expression expression, string text, string field) => All(expression, text, field, 1) is [var match] ? match : null;

    private bool IsOver(string field)
    {
        if (Stopwatch.GetElapsedTime(_started) < AllTime) return false;
        Report($"{field}: all expressions together took longer than {AllTime.TotalSeconds:0} s over this document; it wasn't looked for any more.");
        return true;
    }

    private void Report(string problem)
    {
        if (!_problems.Contains(problem)) _problems.Add(problem);
    }

    private static string Short(Expression expression) => expression.Pattern is { Length: > 60 } text ? $"{text[..60]}…" : expression.Pattern;
}
