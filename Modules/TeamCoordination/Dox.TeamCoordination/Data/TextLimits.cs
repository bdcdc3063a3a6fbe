namespace Dox.TeamCoordination.Data;

/// <summary>How long texts may get; what comes from a rule is cut to it rather than refused, or a run would wait for a review that nobody ever sees.</summary>
internal static class TextLimits
{
    public const int Name = 200;
    public const int Subject = 300;
    public const int Message = 4000;
    public const int User = 500;
    public const int Step = 500;

    /// <summary>A text that a person sends is refused with control characters, save the ends of lines and tabs.</summary>
    public static bool IsClean(string? text) => text is null || !text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));

    public static string Cut(this string text, int max)
    {
        // PostgreSQL keeps no NUL in a text.
        var clean = text.Replace("\0", "", StringComparison.Ordinal);
        if (clean.Length <= max) return clean;
        var end = char.IsHighSurrogate(clean[max - 2]) ? max - 2 : max - 1;
        return clean[..end] + "…";
    }
}
