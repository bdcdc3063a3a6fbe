namespace Dox.TemplateMatching.Templates;

/// <summary>About how many states an expression's automaton has: counted repetitions multiply what they repeat, and those within them.</summary>
internal static class ExpressionSize
{
    public const long Max = 100_000;

    /// <param name="pattern">An expression that is one.</param>
    public static long Of(string pattern)
    {
        var outer = new Stack<long>();
        var (size, atom) = (0L, 0L);
        for (var i = 0; i < pattern.Length && size <= Max; i++)
        {
            switch (pattern[i])
            {
                case '(':
                    outer.Push(size);
                    (size, atom) = (0, 0);
                    break;
                case ')':
                    atom = Math.Max(size, 1);
                    size = (outer.Count > 0 ? outer.Pop() : 0) + atom;
                    break;
                case '{' when Count(pattern, i) is { } count:
                    size += atom * (count - 1);
                    break;
                case '[':
                    i = EndOfClass(pattern, i);
                    size += atom = 1;
                    break;
                case '\\':
                    i++;
                    size += atom = 1;
                    break;
                default:
                    size += atom = 1;
                    break;
            }
        }

        return size;
    }

    // {3}, {3,} and {3,7}; anything else is a brace
    private static long? Count(string pattern, int at)
    {
        var end = pattern.IndexOf('}', at);
        if (end < 0) return null;
        var parts = pattern[(at + 1)..end].Split(',');
        if (parts.Length > 2 || !int.TryParse(parts[0], out var least)) return null;
        return Math.Max(parts is [_, { Length: > 0 } most] ? int.TryParse(most, out var count) ? count : 0 : least, 1);
    }

    private static int EndOfClass(string pattern, int at)
    {
        for (var i = at + 2; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\') i++;
            else if (pattern[i] == ']') return i;
        }

        return pattern.Length;
    }
}
