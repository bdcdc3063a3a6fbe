using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dox.Workflows.Rules.Yaml;

/// <summary>
/// Reads one YAML document from someone we don't trust into a tree that knows where everything stands. Size, depth and the number of nodes
/// are bounded with anchors expanded, so a file of a kilobyte can't become a gigabyte.
/// </summary>
internal static class YamlLoader
{
    public const int LongestText = 1_000_000;
    private const int Deepest = 32;
    private const int MostNodes = 20_000;

    /// <summary>Null when the text can't be read; the bag says why.</summary>
    public static YamlNode? Load(string text, DiagnosticBag bag)
    {
        if (text.Length > LongestText)
        {
            bag.Error("too-large", YamlMark.Start, $"The file has {text.Length:N0} characters; {LongestText:N0} are allowed.");
            return null;
        }

        try
        {
            var reader = new Reader(new Parser(new Scanner(new StringReader(text), skipComments: true)), bag);
            return reader.ReadDocument();
        }
        catch (YamlException error)
        {
            bag.Error("broken-yaml", At(error.Start), error.Message);
            return null;
        }
        catch (RefusedException refused)
        {
            bag.Error(refused.Code, refused.At, refused.Message);
            return null;
        }
    }

    private static YamlMark At(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private sealed class Reader(Parser events, DiagnosticBag bag)
    {
        private readonly Dictionary<string, (YamlNode Node, int Size)> _anchors = new(StringComparer.Ordinal);
        private int _nodes;

        public YamlNode? ReadDocument()
        {
            Expect<StreamStart>();
            if (events.Current is StreamEnd)
            {
                bag.Error("empty-file", YamlMark.Start, "The file holds no rule.");
                return null;
            }

            Expect<DocumentStart>();
            var root = ReadNode(0);
            Expect<DocumentEnd>();
            if (events.Current is not StreamEnd)
                bag.Error("several-documents", At(events.Current!.Start), "A file holds one rule; a second document starts here.");
            return root;
        }

        /// <summary>The scanner answers some broken texts with exceptions that aren't its own.</summary>
        private void Advance()
        {
            var before = events.Current;
            try
            {
                events.MoveNext();
            }
            catch (Exception error) when (error is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException or FormatException)
            {
                throw new RefusedException("broken-yaml", "The text can't be read from here on.", before is null ? YamlMark.Start : At(before.End));
            }
        }

        private void Expect<T>() where T : ParsingEvent
        {
            if (events.Current is null) Advance();
            if (events.Current is not T) throw new RefusedException("broken-yaml", "Unexpected content.", At(events.Current!.Start));
            Advance();
        }

        private YamlNode ReadNode(int depth)
        {
            var (current, mark) = (events.Current!, At(events.Current!.Start));
            if (depth > Deepest) throw new RefusedException("too-deep", $"Nested more than {Deepest} levels deep.", mark);
            var before = _nodes;
            Count(1, mark);
            YamlNode node;
            switch (current)
            {
                case AnchorAlias alias:
                    Advance();
                    if (!_anchors.TryGetValue(alias.Value.Value, out var known))
                        throw new RefusedException("unknown-anchor", $"No anchor '{alias.Value.Value}' stands before this.", mark);
                    Count(known.Size, mark);
                    return known.Node;
                case Scalar scalar:
                    Advance();
                    node = new YamlText(mark, scalar.Value, scalar.Style == ScalarStyle.Plain);
                    break;
                case SequenceStart:
                    node = ReadList(mark, depth);
                    break;
                case MappingStart mapping:
                    node = ReadMap(mark, mapping.Style == MappingStyle.Flow, depth);
                    break;
                default:
                    throw new RefusedException("broken-yaml", "Unexpected content.", mark);
            }

            if (current is NodeEvent { Anchor.IsEmpty: false } anchored) _anchors[anchored.Anchor.Value] = (node, _nodes - before);
            return node;
        }

        private YamlList ReadList(YamlMark mark, int depth)
        {
            Advance();
            var items = new List<YamlNode>();
            while (events.Current is not SequenceEnd) items.Add(ReadNode(depth + 1));
            Advance();
            return new YamlList(mark, items);
        }

        private YamlMap ReadMap(YamlMark mark, bool flow, int depth)
        {
            Advance();
            var entries = new List<YamlEntry>();
            var keys = new HashSet<string>(StringComparer.Ordinal);
            while (events.Current is not MappingEnd)
            {
                var at = At(events.Current!.Start);
                if (ReadNode(depth + 1) is not YamlText key) throw new RefusedException("bad-key", "A key must be a text.", at);
                var value = ReadNode(depth + 1);
                if (key.Value == "<<" && key.Plain)
                    bag.Error("merge-key", at, "Merge keys (<<) aren't read here.", "write the keys out");
                else if (!keys.Add(key.Value))
                    bag.Error("duplicate-key", at, $"The key '{key.Value}' stands here a second time.");
                else
                    entries.Add(new YamlEntry(key, value));
            }

            Advance();
            return new YamlMap(mark, entries, flow);
        }

        private void Count(int nodes, YamlMark at)
        {
            _nodes += nodes;
            if (_nodes > MostNodes) throw new RefusedException("too-many-nodes", $"More than {MostNodes:N0} values, counted with anchors expanded.", at);
        }
    }

    private sealed class RefusedException(string code, string message, YamlMark at) : Exception(message)
    {
        public string Code { get; } = code;

        public YamlMark At { get; } = at;
    }
}
