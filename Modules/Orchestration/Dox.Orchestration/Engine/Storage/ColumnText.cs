namespace Dox.Orchestration.Engine.Storage;

/// <summary>Texts of others, an exception's or a service's, as a column can hold them: whatever they are, they must not keep a run from being written.</summary>
internal static class ColumnText
{
    public static string? Of(string? text, int longest)
    {
        if (text is null) return null;
        if (text.Length > longest) text = text[..longest];
        // PostgreSQL has no text with a NUL in it.
        return text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\uFFFD') : text;
    }
}
