using System.Text.RegularExpressions;

namespace Dox.Workflows.Rules;

/// <summary>The path of an <c>api_request</c>: below <c>/api/</c>, with or without <c>v1</c>, which mean the same; a segment in braces stands for any and gives the run its value.</summary>
public static partial class RulePath
{
    private const int MostSegments = 16;

    [GeneratedRegex(@"^/api/(v1/)?(?<rest>[^?#]+)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex BelowApi();

    [GeneratedRegex(@"^([A-Za-z0-9._~-]+|\{[A-Za-z_][A-Za-z0-9_]*\})$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Segment();

    /// <summary>The path without <c>/api</c> and <c>/v1</c>, beginning with a slash; null where it is none that a rule can answer.</summary>
    public static string? Relative(string path)
    {
        if (BelowApi().Match(path) is not { Success: true } match) return null;
        var segments = match.Groups["rest"].Value.TrimEnd('/').Split('/');
        var names = segments.Where(IsParameter).ToList();
        return segments.Length <= MostSegments && segments.All(segment => Segment().IsMatch(segment)) && names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Count
            ? "/" + string.Join('/', segments)
            : null;
    }

    /// <summary>Whether some address is meant by both relative paths. <c>{*}</c> at the end stands for any rest.</summary>
    public static bool Overlap(string left, string right)
    {
        var (a, b) = (left.Split('/'), right.Split('/'));
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            if (a[i] == "{*}" || b[i] == "{*}") return true;
            if (!IsParameter(a[i]) && !IsParameter(b[i]) && !string.Equals(a[i], b[i], StringComparison.OrdinalIgnoreCase)) return false;
        }

        return a.Length == b.Length;
    }

    /// <summary>The same for paths that differ in letter case or in the names of their parameters alone.</summary>
    internal static string Shape(string relative) => string.Join('/', relative.Split('/').Select(segment => IsParameter(segment) ? "{}" : segment.ToUpperInvariant()));

    private static bool IsParameter(string segment) => segment.StartsWith('{');
}

/// <summary>A route that the host answers itself, whatever rules say.</summary>
/// <param name="Method">The HTTP method, upper case.</param>
/// <param name="Path">Relative, as <see cref="RulePath.Relative"/> gives it; a parameter is <c>{}</c>, any rest <c>{*}</c>.</param>
/// <param name="Rule">The rule that it runs, where it runs one.</param>
public sealed record OwnRoute(string Method, string Path, string? Rule = null);
