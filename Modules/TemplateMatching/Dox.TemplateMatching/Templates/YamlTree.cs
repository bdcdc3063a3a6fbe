using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dox.TemplateMatching.Templates;

/// <summary>What is wrong with a template's file, and where.</summary>
internal sealed record TemplateProblem(string Source, int Line, int Column, string Code, string Message)
{
    public override string ToString() => $"{Source}({Line},{Column}): {Code}: {Message}";
}

/// <summary>A value in a template's file with its place.</summary>
internal abstract record YamlValue(int Line, int Column);

internal sealed record YamlText(string Text, bool Quoted, int Line, int Column) : YamlValue(Line, Column);

internal sealed record YamlList(IReadOnlyList<YamlValue> Items, int Line, int Column) : YamlValue(Line, Column);

internal sealed record YamlMap(IReadOnlyList<(YamlText Key, YamlValue Value)> Entries, int Line, int Column) : YamlValue(Line, Column);

/// <summary>
/// Reads one YAML document into a tree at bounded cost: no anchors, aliases or tags, which a definition needs none of and which let a
/// small file stand for a huge one.
/// </summary>
internal static class YamlTree
{
    public const int MaxLength = 256 * 1024;
    private const int MaxDepth = 12;
    private const int MaxNodes = 50_000;

    /// <param name="text">The document.</param>
    /// <param name="twice">Told of a key that is there twice, of which the last counts; without it, such a document isn't read.</param>
    /// <exception cref="TemplateFormatException">It is no YAML, or more than is read.</exception>
    public static YamlValue Read(string text, Action<YamlText>? twice = null)
    {
        if (text.Length > MaxLength) throw new TemplateFormatException("too_large", $"The definition has {text.Length} characters; {MaxLength} are read.", 1, 1);
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _)) throw new TemplateFormatException("empty", "The file is empty.", 1, 1);
            parser.Consume<DocumentStart>();
            var nodes = 0;
            var root = Node(parser, 0, ref nodes, twice);
            parser.Consume<DocumentEnd>();
            return parser.Accept<StreamEnd>(out _)
                ? root
                : throw At(parser.Current!, "several_documents", "A file holds one template; remove what follows the second '---'.");
        }
        catch (YamlException e)
        {
            throw new TemplateFormatException("yaml", e.Message, (int)e.Start.Line, (int)e.Start.Column);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            // The scanner's own slips over text that is no YAML; the last thing that it understood is where to look.
            var last = parser.Current;
            throw new TemplateFormatException("yaml", "This is no YAML from here on.", last is null ? 1 : Line(last), last is null ? 1 : Column(last));
        }
    }

    private static YamlValue Node(Parser parser, int depth, ref int nodes, Action<YamlText>? twice)
    {
        var e = parser.Current ?? throw new TemplateFormatException("yaml", "The file ends too early.", 1, 1);
        if (depth > MaxDepth) throw At(e, "too_deep", $"Values lie more than {MaxDepth} deep within each other.");
        if (++nodes > MaxNodes) throw At(e, "too_many_values", $"The definition has more than {MaxNodes} values.");
        if (e is AnchorAlias) throw At(e, "alias", "Aliases (*name) aren't allowed: write the value out.");
        if (e is NodeEvent { Anchor.IsEmpty: false }) throw At(e, "anchor", "YAML anchors (&name) aren't allowed: write the value out.");
        if (e is NodeEvent { Tag.IsEmpty: false }) throw At(e, "tag", "Tags (!name) aren't allowed.");
        switch (e)
        {
            case Scalar scalar:
                parser.MoveNext();
                return new YamlText(scalar.Value, scalar.Style is not ScalarStyle.Plain, Line(e), Column(e));
            case SequenceStart:
                parser.MoveNext();
                var items = new List<YamlValue>();
                while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Node(parser, depth + 1, ref nodes, twice));
                return new YamlList(items, Line(e), Column(e));
            case MappingStart:
                parser.MoveNext();
                return Map(parser, e, depth, ref nodes, twice);
            default:
                throw At(e, "yaml", "A value is expected here.");
        }
    }

    private static YamlMap Map(Parser parser, ParsingEvent start, int depth, ref int nodes, Action<YamlText>? twice)
    {
        var entries = new List<(YamlText, YamlValue)>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (Node(parser, depth + 1, ref nodes, twice) is not YamlText key) throw At(start, "key", "Keys must be plain text.");
            if (!keys.Add(key.Text))
            {
                if (twice is null) throw new TemplateFormatException("duplicate_key", $"'{key.Text}' is there twice.", key.Line, key.Column);
                twice(key);
                entries.RemoveAll(e => e.Item1.Text == key.Text);
            }

            entries.Add((key, Node(parser, depth + 1, ref nodes, twice)));
        }

        return new YamlMap(entries, Line(start), Column(start));
    }

    private static TemplateFormatException At(ParsingEvent e, string code, string message) => new(code, message, Line(e), Column(e));

    private static int Line(ParsingEvent e) => (int)e.Start.Line;

    private static int Column(ParsingEvent e) => (int)e.Start.Column;
}

/// <summary>A definition can't be read any further.</summary>
internal sealed class TemplateFormatException(string code, string message, int line, int column) : Exception(message)
{
    public string Code { get; } = code;

    public int Line { get; } = line;

    public int Column { get; } = column;
}
