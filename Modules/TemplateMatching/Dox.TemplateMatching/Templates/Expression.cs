using System.Text.RegularExpressions;

namespace Dox.TemplateMatching.Templates;

/// <summary>
/// An expression of a definition, which is foreign: linear in the text where that is possible, bounded in time always. What runs it is built
/// when it first runs: a library has thousands of them, of which a document needs few.
/// </summary>
internal sealed class Expression
{
    public const int MaxLength = 2_000;
    private const string Special = @"\.$^{[(|)*+?#";

    // NonBacktracking is linear in the text; the limit bounds what its automaton costs on top.
    private static readonly TimeSpan LinearTime = TimeSpan.FromSeconds(2);

    // Look-around and back references need backtracking, which may take for ever.
    private static readonly TimeSpan BacktrackingTime = TimeSpan.FromMilliseconds(250);

    private readonly Lazy<Regex> _regex;

    private Expression(string pattern, RegexOptions options)
    {
        Pattern = pattern;
        Literal = pattern.IndexOfAny([.. Special]) < 0 ? pattern : null;
        _regex = new(() => Build(pattern, options));
    }

    public string Pattern { get; }

    /// <summary>What it finds, where that is the same always; null where it isn't.</summary>
    public string? Literal { get; }

    public Regex Regex => _regex.Value;

    /// <summary>Whether it runs in time linear in the text.</summary>
    public bool IsLinear => Regex.Options.HasFlag(RegexOptions.NonBacktracking);

    /// <exception cref="ArgumentException">It is no expression; the message says what is wrong.</exception>
    public static Expression Of(string pattern, RegexOptions options = RegexOptions.None)
    {
        options |= RegexOptions.CultureInvariant;
        _ = new Regex(pattern, options, BacktrackingTime);
        if (ExpressionSize.Of(pattern) > ExpressionSize.Max) throw new ArgumentException("it repeats so much within repetitions that running it would take too much memory.", nameof(pattern));
        return new(pattern, options);
    }

    public static Expression? Read(YamlReader reader, YamlValue? value, string what, RegexOptions options = RegexOptions.None)
    {
        if (value is null) return null;
        if (value is not YamlText { Text: { Length: > 0 } pattern })
        {
            reader.Report(value, "not_text", $"{what} must be an expression.");
            return null;
        }

        if (pattern.Length > MaxLength)
        {
            reader.Report(value, "too_long", $"{what} has {pattern.Length} characters; {MaxLength} are allowed.");
            return null;
        }

        try
        {
            return Of(pattern, options);
        }
        catch (ArgumentException e)
        {
            reader.Report(value, "bad_regex", $"The expression can't be used: {e.Message}");
            return null;
        }
    }

    public static IReadOnlyList<Expression> ReadAll(YamlReader reader, YamlValue? value, string what, int max = 100)
    {
        var values = YamlReader.OneOrMore(value).ToList();
        if (values.Count > max) reader.Report(value!, "too_many", $"{what} has {values.Count} expressions; {max} are allowed.");
        return [.. values.Take(max).Select(v => Read(reader, v, what)).OfType<Expression>()];
    }

    public override string ToString() => Pattern;

    private static Regex Build(string pattern, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking, LinearTime);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, options, BacktrackingTime);
        }
    }
}
