using System.Globalization;
using System.Text;

namespace Dox.TemplateMatching.Templates.Import;

/// <summary>An expression in Python's dialect as one of .NET's, with its groups in Python's order.</summary>
/// <param name="Pattern">In .NET's dialect.</param>
/// <param name="Groups">Of each group from 1 on its name; null where it has none.</param>
internal sealed record ForeignExpression(string Pattern, IReadOnlyList<string?> Groups)
{
    public static ForeignExpression Of(string python)
    {
        var (pattern, groups) = (new StringBuilder(python.Length + 8), new List<string?>());
        for (var i = 0; i < python.Length;)
        {
            i = python[i] switch
            {
                '\\' => Escape(python, i, pattern, inClass: false),
                '[' => Class(python, i, pattern),
                '(' => Group(python, i, pattern, groups),
                '{' => Count(python, i, pattern),
                _ => Copy(python, i, 1, pattern),
            };
        }

        return new(pattern.ToString(), groups);
    }

    /// <summary>Whether it can be used; if not, that is a warning and it must be left out.</summary>
    public bool IsUsable(YamlReader warnings, YamlValue at)
    {
        try
        {
            _ = Expression.Of(Pattern);
            return true;
        }
        catch (ArgumentException e)
        {
            warnings.Report(at, "left_out", $"An expression that is none was left out: {e.Message}");
            return false;
        }
    }

    /// <summary>What takes the place of a match, in .NET's dialect.</summary>
    public string Replacement(string python)
    {
        var with = new StringBuilder(python.Length);
        for (var i = 0; i < python.Length; i++)
        {
            var next = i + 1 < python.Length ? python[i + 1] : '\0';
            if (python[i] == '$') with.Append("$$");
            else if (python[i] != '\\') with.Append(python[i]);
            else if (next == 'g' && python.IndexOf('>', i) is var end and > 0 && python[i + 2] == '<')
            {
                with.Append(Reference(python[(i + 3)..end]));
                i = end;
            }
            else if (char.IsAsciiDigit(next))
            {
                with.Append(Reference(next.ToString()));
                i++;
            }
            else
            {
                with.Append(next switch { 'n' => '\n', 't' => '\t', 'r' => '\r', '\0' => '\\', _ => next });
                i++;
            }
        }

        return with.ToString();
    }

    // .NET counts groups without a name first, Python counts as they stand.
    private string Reference(string group)
    {
        if (!int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0) return $"${{{group}}}";
        if (number > Groups.Count) return "";
        return Groups[number - 1] is { } name ? $"${{{name}}}" : $"${{{Groups.Take(number).Count(g => g is null)}}}";
    }

    private static int Copy(string text, int at, int length, StringBuilder to)
    {
        to.Append(text, at, Math.Min(length, text.Length - at));
        return at + length;
    }

    private static int Escape(string text, int at, StringBuilder to, bool inClass)
    {
        if (at + 1 < text.Length && text[at + 1] == 'Z' && !inClass)
        {
            to.Append("\\z");
            return at + 2;
        }

        // Letters that .NET gives a meaning of its own and Python doesn't know stand for themselves; so do signs.
        if (at + 1 < text.Length && !char.IsAsciiLetterOrDigit(text[at + 1]) && text[at + 1] > 127)
        {
            to.Append(text[at + 1]);
            return at + 2;
        }

        return Copy(text, at, 2, to);
    }

    // In .NET "-[" within a class takes another class away.
    private static int Class(string text, int at, StringBuilder to)
    {
        to.Append('[');
        at++;
        if (at < text.Length && text[at] == '^') at = Copy(text, at, 1, to);
        for (var first = true; at < text.Length; first = false)
        {
            if (text[at] == ']' && !first) return Copy(text, at, 1, to);
            if (text[at] is '[' || (text[at] == ']' && first)) to.Append('\\');
            at = text[at] == '\\' ? Escape(text, at, to, inClass: true) : Copy(text, at, 1, to);
        }

        return at;
    }

    private static int Group(string text, int at, StringBuilder to, List<string?> groups)
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith("(?P<", StringComparison.Ordinal) && text.IndexOf('>', at) is var end and > 0)
        {
            groups.Add(text[(at + 4)..end]);
            to.Append("(?<").Append(text, at + 4, end - at - 4).Append('>');
            return end + 1;
        }

        if (rest.StartsWith("(?P=", StringComparison.Ordinal) && text.IndexOf(')', at) is var close and > 0)
        {
            to.Append(@"\k<").Append(text, at + 4, close - at - 4).Append('>');
            return close + 1;
        }

        if (!rest.StartsWith("(?", StringComparison.Ordinal))
        {
            groups.Add(null);
            return Copy(text, at, 1, to);
        }

        // (?aiLmsux): how letters count as words and letters isn't for .NET to say
        var flags = at + 2;
        while (flags < text.Length && "aiLmsux".Contains(text[flags])) flags++;
        if (flags == at + 2 || flags >= text.Length || text[flags] is not (')' or ':')) return Copy(text, at, 2, to);
        var kept = string.Concat(text[(at + 2)..flags].Where(c => c is 'i' or 'm' or 's' or 'x'));
        if (kept.Length > 0 || text[flags] == ':') to.Append("(?").Append(kept).Append(text[flags]);
        return flags + 1;
    }

    // {,3} is {0,3}; a brace that counts nothing is a brace in both.
    private static int Count(string text, int at, StringBuilder to)
    {
        if (at + 2 >= text.Length || text[at + 1] != ',' || !char.IsAsciiDigit(text[at + 2])) return Copy(text, at, 1, to);
        to.Append("{0,");
        return at + 2;
    }
}
