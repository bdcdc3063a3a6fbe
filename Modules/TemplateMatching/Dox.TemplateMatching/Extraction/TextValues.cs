namespace Dox.TemplateMatching.Extraction;

/// <summary>Takes text as it stands, and ids out of it.</summary>
internal static class TextValues
{
    private const string Edges = " :;,.#";

    public static TypedValue? Text(string text)
    {
        var start = 0;
        while (start < text.Length && (Edges.Contains(text[start]) || char.IsWhiteSpace(text[start]))) start++;
        var end = text.Length;
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        return end > start ? new(text[start..end], start, end - start, 0.9) : null;
    }

    /// <summary>The first word with a digit, else the first word.</summary>
    public static TypedValue? Id(string text)
    {
        TypedValue? first = null;
        for (var i = 0; i < text.Length;)
        {
            while (i < text.Length && char.IsWhiteSpace(text[i])) i++;
            var (start, end) = (i, i);
            while (end < text.Length && !char.IsWhiteSpace(text[end])) end++;
            i = end;
            while (start < end && Edges.Contains(text[start])) start++;
            while (end > start && Edges.Contains(text[end - 1])) end--;
            if (end == start) continue;
            if (text.AsSpan(start, end - start).ContainsAnyInRange('0', '9')) return new(text[start..end], start, end - start, 1);
            first ??= new(text[start..end], start, end - start, 0.5);
        }

        return first;
    }
}
