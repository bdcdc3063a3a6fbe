using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Acornima.Ast;

namespace Dox.Workflows.Expressions;

/// <summary>
/// Four notations that rules use and that plain JavaScript refuses or, worse, takes for something else: <c>0.5 &lt;= c &lt;= 0.85</c>,
/// <c>x in [a, b]</c> with bare words as text, <c>50MB</c>, and <c>1 if c else 0</c>. The text is rewritten before it is compiled.
/// </summary>
internal static partial class Conveniences
{
    private static readonly Dictionary<string, long> Units = new(StringComparer.Ordinal) { ["KB"] = 1L << 10, ["MB"] = 1L << 20, ["GB"] = 1L << 30 };

    // Words that mean something to JavaScript, and so can't stand bare in a list: "status in [new, open]" wouldn't be read at all
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else", "enum", "export", "extends", "finally", "for", "function", "if",
        "implements", "import", "in", "instanceof", "interface", "let", "new", "package", "private", "protected", "public", "return", "static", "super", "switch", "this", "throw", "try",
        "typeof", "var", "void", "while", "with", "yield",
    };

    /// <summary>The notations that are no JavaScript at all.</summary>
    public static string RewriteText(string source)
    {
        if (source.Contains('[', StringComparison.Ordinal)) source = QuoteReserved(source);
        if (!source.Contains('B', StringComparison.Ordinal) && !source.Contains(" if ", StringComparison.Ordinal)) return source;
        var masked = MaskText(source);
        var sized = new StringBuilder(source);
        if (source.Contains('B', StringComparison.Ordinal))
        {
            foreach (var match in SizesIn(masked).Reverse())
            {
                var bytes = (long)(double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * Units[match.Groups["unit"].Value]);
                sized.Remove(match.Index, match.Length).Insert(match.Index, bytes.ToString(CultureInfo.InvariantCulture));
            }
        }

        return RewriteConditional(sized.ToString());
    }

    private static string QuoteReserved(string source)
    {
        var quoted = new StringBuilder(source);
        foreach (var list in Lists().Matches(MaskText(source)).Reverse())
        {
            var items = list.Groups["items"];
            var end = items.Index + items.Length;
            foreach (var item in items.Value.Split(',').Reverse())
            {
                var start = end - item.Length;
                var word = item.Trim();
                if (Reserved.Contains(word)) quoted.Insert(start + item.IndexOf(word, StringComparison.Ordinal) + word.Length, '"').Insert(start + item.IndexOf(word, StringComparison.Ordinal), '"');
                end = start - 1;
            }
        }

        return quoted.ToString();
    }

    [GeneratedRegex(@"\bin\s*\[(?<items>[^\[\]]*)\]", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Lists();

    private static IEnumerable<Match> SizesIn(string text)
    {
        foreach (Match match in Sizes().Matches(text))
            if (match.Index == 0 || !(char.IsLetterOrDigit(text[match.Index - 1]) || text[match.Index - 1] is '_' or '$' or '.'))
                yield return match;
    }

    [GeneratedRegex("""(?<number>\d+(?:\.\d+)?)\s?(?<unit>KB|MB|GB)\b""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Sizes();

    private static string RewriteConditional(string source)
    {
        var masked = MaskText(source);
        var depth = 0;
        var then = -1;
        for (var i = 0; i < masked.Length; i++)
        {
            if (masked[i] is '(' or '[' or '{') depth++;
            else if (masked[i] is ')' or ']' or '}') depth--;
            else if (depth == 0 && then < 0 && StartsAt(masked, i, " if ")) then = i;
            else if (depth == 0 && then >= 0 && StartsAt(masked, i, " else "))
                return $"(({source[(then + 4)..i]}) ? ({source[..then]}) : ({RewriteConditional(source[(i + 6)..])}))";
        }

        return source;
    }

    private static bool StartsAt(string text, int at, string word) => string.CompareOrdinal(text, at, word, 0, word.Length) == 0;

    /// <summary>The source with what stands in quotes blanked, so that a text is never taken for code.</summary>
    private static string MaskText(string source)
    {
        var masked = source.ToCharArray();
        var quote = '\0';
        for (var i = 0; i < masked.Length; i++)
        {
            if (quote == '\0')
            {
                if (masked[i] is '"' or '\'' or '`') quote = masked[i];
                continue;
            }

            if (masked[i] == '\\' && i + 1 < masked.Length) masked[i++] = ' ';
            else if (masked[i] == quote)
            {
                quote = '\0';
                continue;
            }

            masked[i] = ' ';
        }

        return new string(masked);
    }

    /// <summary>The notations that are JavaScript with another meaning; null when there is none.</summary>
    public static string? RewriteTree(string source, Node root)
    {
        var changed = false;
        var text = Write(source, root, ref changed);
        return changed ? text : null;
    }

    private static string Write(string source, Node node, ref bool changed)
    {
        if (node is BinaryExpression binary)
        {
            if (IsOrder(binary.Operator) && binary.Left is BinaryExpression { Operator: var inner } left && IsOrder(inner))
            {
                changed = true;
                return $"({Write(source, left, ref changed)} && {Write(source, left.Right, ref changed)} {Symbol(binary.Operator)} {Write(source, binary.Right, ref changed)})";
            }

            if (binary is { Operator: Acornima.Operator.In, Right: ArrayExpression list })
            {
                changed = true;
                var items = new List<string>();
                foreach (var element in list.Elements)
                    items.Add(element is Identifier word ? $"\"{word.Name}\"" : element is null ? "null" : Write(source, element, ref changed));
                return $"[{string.Join(", ", items)}].includes({Write(source, binary.Left, ref changed)})";
            }
        }

        var result = new StringBuilder();
        var position = node.Range.Start;
        foreach (var child in node.ChildNodes)
        {
            if (child.Range.Start < position) continue;
            result.Append(source, position, child.Range.Start - position).Append(Write(source, child, ref changed));
            position = child.Range.End;
        }

        return result.Append(source, position, node.Range.End - position).ToString();
    }

    private static bool IsOrder(Acornima.Operator symbol) => symbol is Acornima.Operator.LessThan or Acornima.Operator.LessThanOrEqual
        or Acornima.Operator.GreaterThan or Acornima.Operator.GreaterThanOrEqual;

    private static string Symbol(Acornima.Operator symbol) => symbol switch
    {
        Acornima.Operator.LessThan => "<",
        Acornima.Operator.LessThanOrEqual => "<=",
        Acornima.Operator.GreaterThan => ">",
        _ => ">=",
    };
}
