using System.Globalization;

namespace Dox.TemplateMatching.Extraction;

/// <summary>
/// A comparison of sums over a template's fields, such as <c>net + tax == total</c> or <c>delivered &lt;= invoiced</c>: numbers, money
/// and dates (as days), <c>+ - * /</c> and parentheses, one of <c>== != &lt; &lt;= &gt; &gt;=</c>. Equal means equal to the cent.
/// </summary>
internal sealed class CheckExpression
{
    private const int MaxDepth = 20;
    private static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    private readonly Func<IReadOnlyDictionary<string, decimal>, bool> _holds;

    private CheckExpression(string text, IReadOnlyList<string> fields, Func<IReadOnlyDictionary<string, decimal>, bool> holds) =>
        (Text, Fields, _holds) = (text, fields, holds);

    public string Text { get; }

    /// <summary>The fields that it names.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <exception cref="FormatException">It is no such comparison; the message says where.</exception>
    public static CheckExpression Parse(string text)
    {
        var reader = new Reader(text);
        var left = reader.Sum(0);
        var comparison = Array.Find(Comparisons, reader.Take)
            ?? throw reader.Wrong($"one of {string.Join(' ', Comparisons)}");
        var right = reader.Sum(0);
        reader.End();
        return new(text, [.. reader.Fields.Distinct(StringComparer.Ordinal)], values => Compare(comparison, left(values), right(values)));
    }

    /// <summary>Whether it holds; null where a value is missing or can't be computed with.</summary>
    public bool? Holds(IReadOnlyDictionary<string, decimal> values)
    {
        if (Fields.Any(f => !values.ContainsKey(f))) return null;
        try
        {
            return _holds(values);
        }
        catch (ArithmeticException)
        {
            return null;
        }
    }

    private static bool Compare(string comparison, decimal left, decimal right)
    {
        var equal = Math.Abs(left - right) < 0.01m;
        return comparison switch
        {
            "==" => equal,
            "!=" => !equal,
            "<" => !equal && left < right,
            "<=" => equal || left < right,
            ">" => !equal && left > right,
            _ => equal || left > right,
        };
    }

    private sealed class Reader(string text)
    {
        private int _at;

        public List<string> Fields { get; } = [];

        public Func<IReadOnlyDictionary<string, decimal>, decimal> Sum(int depth)
        {
            var left = Product(depth);
            while (true)
            {
                var (before, plus) = (left, Take("+"));
                if (!plus && !Take("-")) return left;
                var right = Product(depth);
                left = plus ? v => before(v) + right(v) : v => before(v) - right(v);
            }
        }

        public bool Take(string symbol)
        {
            SkipSpaces();
            if (!text.AsSpan(_at).StartsWith(symbol, StringComparison.Ordinal)) return false;
            _at += symbol.Length;
            return true;
        }

        public void End()
        {
            SkipSpaces();
            if (_at < text.Length) throw Wrong("the end");
        }

        public FormatException Wrong(string expected) => new($"The check '{text}' can't be read at column {_at + 1}: {expected} is expected.");

        private Func<IReadOnlyDictionary<string, decimal>, decimal> Product(int depth)
        {
            var left = Operand(depth);
            while (true)
            {
                var (before, times) = (left, Take("*"));
                if (!times && !Take("/")) return left;
                var right = Operand(depth);
                left = times ? v => before(v) * right(v) : v => before(v) / right(v);
            }
        }

        private Func<IReadOnlyDictionary<string, decimal>, decimal> Operand(int depth)
        {
            if (depth > MaxDepth) throw Wrong("something less deep");
            if (Take("-"))
            {
                var negated = Operand(depth + 1);
                return v => -negated(v);
            }

            if (Take("("))
            {
                var inner = Sum(depth + 1);
                if (!Take(")")) throw Wrong("')'");
                return inner;
            }

            SkipSpaces();
            var start = _at;
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '_' or '.')) _at++;
            var word = text[start.._at];
            if (word.Length > 0 && char.IsAsciiDigit(word[0]) && decimal.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return _ => number;
            if (word.Length == 0 || !char.IsAsciiLetter(word[0]) || word.Contains('.', StringComparison.Ordinal))
            {
                _at = start;
                throw Wrong("a field's name, a number or '('");
            }

            Fields.Add(word);
            return v => v[word];
        }

        private void SkipSpaces()
        {
            while (_at < text.Length && text[_at] == ' ') _at++;
        }
    }
}
