using System.Text;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Extraction;

/// <summary>
/// Pages as lines of characters in which columns stay columns: what expressions over invoices are usually written for. Each character
/// remembers the word that it came from.
/// </summary>
internal sealed class LayoutText
{
    private const int MaxColumns = 400;
    private const int MaxBlankLines = 4;

    // Columns are as narrow as the narrow words of a page: so that wide ones don't push what stands right of them out of its column.
    private const double NarrowShare = 0.2;
    private const double UsualWidth = 5;

    private readonly StringBuilder _text = new();
    private readonly List<int> _words = []; // index of the word of each character; -1 for white space

    private LayoutText()
    {
    }

    /// <summary>All pages, a form feed after each.</summary>
    public static PreparedText Of(DocumentWords document, int? page, RegionBox? region)
    {
        var layout = new LayoutText();
        foreach (var lines in document.Lines.GroupBy(l => l[0].Page).OrderBy(g => g.Key))
        {
            if (page is { } only && lines.Key != only) continue;
            layout.Add([.. lines.Select(l => Within(document, l, region)).Where(l => l.Count > 0)]);
        }

        return new(layout._text.ToString(), [.. layout._words], document.Words);
    }

    private static List<PlacedWord> Within(DocumentWords document, List<PlacedWord> line, RegionBox? region)
    {
        if (region is null || document.Page(line[0].Page) is not { } page) return line;
        return
        [
            .. line.Where(w =>
            {
                var (x, y) = ((w.Box.Left + w.Box.Right) / 2 / page.Width, w.Box.Middle / page.Height);
                return x >= region.X && x <= region.X + region.W && y >= region.Y && y <= region.Y + region.H;
            }),
        ];
    }

    private void Add(IReadOnlyList<List<PlacedWord>> lines)
    {
        if (lines.Count == 0) return;
        var width = ColumnWidth(lines);
        var margin = lines.Min(l => l[0].Box.Left);
        var pitch = Pitch(lines);
        var last = double.NaN;
        foreach (var line in lines)
        {
            var middle = line.Average(w => w.Box.Middle);
            if (!double.IsNaN(last))
            {
                for (var blank = Math.Min((int)Math.Round((middle - last) / pitch) - 1, MaxBlankLines); blank > 0; blank--) Append("\n", -1);
            }

            last = middle;
            Add(line, margin, width);
            Append("\n", -1);
        }

        Append("\f", -1);
    }

    private void Add(List<PlacedWord> line, double margin, double width)
    {
        var start = _text.Length;
        PlacedWord? before = null;
        foreach (var word in line)
        {
            var column = Math.Min((int)Math.Round((word.Box.Left - margin) / width), MaxColumns);
            var used = _text.Length - start;
            // Words of one text have one space between them wherever their columns are; what is apart has two at least.
            var spaces = before is null ? column - used
                : before.IsFollowedBy(word) && word.Box.Left - before.Box.Right < 2.2 * width ? 1
                : Math.Max(column - used, 2);
            if (spaces > 0) Append(new string(' ', spaces), -1);
            Append(word.Text, word.Position);
            before = word;
        }
    }

    private void Append(string text, int word)
    {
        _text.Append(text);
        for (var i = 0; i < text.Length; i++) _words.Add(word);
    }

    private static double ColumnWidth(IReadOnlyList<List<PlacedWord>> lines)
    {
        var widths = lines.SelectMany(l => l)
            .Where(w => w.Text.Length >= 3 && w.Box.Right > w.Box.Left)
            .Select(w => (w.Box.Right - w.Box.Left) / w.Text.Length).Order().ToList();
        return widths.Count == 0 ? UsualWidth : Math.Max(widths[(int)(widths.Count * NarrowShare)], 0.5);
    }

    // The usual distance of two lines: of those that aren't blank ones apart, the median.
    private static double Pitch(IReadOnlyList<List<PlacedWord>> lines)
    {
        var heights = lines.SelectMany(l => l).Select(w => w.Box.Height).Order().ToList();
        var usual = Math.Max(heights[heights.Count / 2], 4);
        var distances = lines.Zip(lines.Skip(1), (a, b) => b[0].Box.Middle - a[0].Box.Middle)
            .Where(d => d > 0.8 * usual && d < 2.4 * usual).Order().ToList();
        return distances.Count == 0 ? 1.5 * usual : distances[distances.Count / 2];
    }
}
