using System.Text;
using Dox.TemplateMatching.Matching;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Words where a value should be, as one text that remembers which part came from which word.</summary>
internal sealed class FoundText
{
    private readonly List<(int Start, PlacedWord Word)> _parts = [];

    public FoundText(IEnumerable<PlacedWord> words, Phrase? label, double certainty)
    {
        var text = new StringBuilder();
        var line = -1;
        foreach (var word in words)
        {
            if (text.Length > 0) text.Append(word.Line == line ? ' ' : '\n');
            line = word.Line;
            _parts.Add((text.Length, word));
            text.Append(word.Text);
        }

        Text = text.ToString();
        Label = label;
        Certainty = certainty;
    }

    public string Text { get; }

    /// <summary>What it was found by; null for a region or an expression.</summary>
    public Phrase? Label { get; }

    /// <summary>That this is the right place, 0 to 1.</summary>
    public double Certainty { get; }

    /// <summary>The words that a part of the text came from.</summary>
    public IReadOnlyList<PlacedWord> WordsOf(int start, int length) =>
        [.. _parts.Where(p => p.Start < start + length && p.Start + p.Word.Text.Length > start).Select(p => p.Word)];
}
