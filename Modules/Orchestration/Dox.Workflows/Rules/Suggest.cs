namespace Dox.Workflows.Rules;

/// <summary>"Did you mean": the nearest known name, when one is near enough to be a slip.</summary>
internal static class Suggest
{
    private const int LongestCompared = 80;

    public static string? Nearest(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > LongestCompared) return null;
        var limit = Math.Max(name.Length > 3 ? 2 : 1, name.Length / 3);
        string? best = null;
        var bestDistance = limit + 1;
        foreach (var candidate in known)
        {
            if (Math.Abs(candidate.Length - name.Length) > limit || candidate.Length > LongestCompared) continue;
            var distance = Distance(name, candidate);
            if (distance >= bestDistance) continue;
            bestDistance = distance;
            best = candidate;
        }

        return best;
    }

    public static string? DidYouMean(string name, IEnumerable<string> known) =>
        Nearest(name, known) is { } nearest ? $"did you mean '{nearest}'?" : null;

    /// <summary>A text from a file as a message shows it.</summary>
    public static string Shorten(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= 60 ? line : line[..57] + "...";
    }

    private static int Distance(string left, string right)
    {
        var above = new int[right.Length + 1];
        var current = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++) above[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                current[j] = Math.Min(Math.Min(current[j - 1], above[j]) + 1, above[j - 1] + (same ? 0 : 1));
            }

            (above, current) = (current, above);
        }

        return above[right.Length];
    }
}
