using System.Runtime.InteropServices;
using Dox.DocumentReading;
using Dox.TemplateMatching.Extraction;

namespace Dox.TemplateMatching.Matching;

/// <summary>A rectangle in points, from the top left of its page.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Rect(double Left, double Top, double Right, double Bottom)
{
    public double Height => Bottom - Top;

    public double Middle => (Top + Bottom) / 2;

    public Rect With(Rect other) =>
        new(Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));
}

/// <summary>A word with its place in the document.</summary>
internal sealed class PlacedWord(string text, string token, int page, Rect box)
{
    public string Text { get; } = text;

    /// <summary>As it is compared; empty for punctuation alone.</summary>
    public string Token { get; } = token;

    /// <summary>From 1.</summary>
    public int Page { get; } = page;

    public Rect Box { get; } = box;

    /// <summary>Its index in the document's reading order.</summary>
    public int Position { get; set; }

    /// <summary>Its line's index in the document.</summary>
    public int Line { get; set; }

    /// <summary>The widest gap, in points, that still is a space within the same text.</summary>
    public double Space => Math.Clamp(Box.Height, 4, 60) * 1.1;

    public bool IsFollowedBy(PlacedWord next) => next.Line == Line && next.Box.Left - Box.Right <= Math.Max(Space, next.Space);
}

/// <summary>
/// A document's words in an order of their own: by page, line and place, whatever order they came in. Lines are words at about the
/// same height.
/// </summary>
internal sealed class DocumentWords
{
    // Boxes hold the ink: a dash is lower than its line by far.
    private const double MinHeight = 5;
    private const int LinesAround = 4;

    private readonly Dictionary<string, List<PlacedWord>> _byToken = new(StringComparer.Ordinal);
    private readonly Dictionary<int, PageText> _pages;
    private readonly Lazy<PreparedText> _layout;

    private DocumentWords(DocumentText text)
    {
        Text = text;
        _layout = new(() => LayoutText.Of(this, null, null));
        _pages = text.Pages.DistinctBy(p => p.Number).ToDictionary(p => p.Number);
    }

    public DocumentText Text { get; }

    /// <summary>All pages as lines of characters; made when first asked for.</summary>
    public PreparedText Layout => _layout.Value;

    /// <summary>In reading order.</summary>
    public List<PlacedWord> Words { get; } = [];

    public List<List<PlacedWord>> Lines { get; } = [];

    public IEnumerable<string> Tokens => _byToken.Keys;

    public static DocumentWords Of(DocumentText text)
    {
        var document = new DocumentWords(text);
        foreach (var page in document._pages.Values.OrderBy(p => p.Number)) document.Add(page);
        foreach (var word in document.Words)
        {
            if (word.Token.Length == 0) continue;
            if (!document._byToken.TryGetValue(word.Token, out var list)) document._byToken[word.Token] = list = [];
            list.Add(word);
        }

        return document;
    }

    public IReadOnlyList<PlacedWord> WithToken(string token) => _byToken.GetValueOrDefault(token) ?? [];

    /// <summary>A place on a page as fractions of it.</summary>
    public (double X, double Y) Fraction(PlacedWord word)
    {
        var page = _pages[word.Page];
        return (word.Box.Left / page.Width, word.Box.Middle / page.Height);
    }

    /// <summary>A rectangle as fractions of its page: left, top, width, height.</summary>
    public IReadOnlyList<double> Fractions(int page, Rect box)
    {
        var (width, height) = (_pages[page].Width, _pages[page].Height);
        return [.. new[] { box.Left / width, box.Top / height, (box.Right - box.Left) / width, box.Height / height }.Select(v => Math.Round(v, 4))];
    }

    /// <summary>A page's words, in reading order.</summary>
    public IEnumerable<PlacedWord> OnPage(int number)
    {
        var start = Words.BinarySearch(null!, Comparer<PlacedWord?>.Create((word, _) => word!.Page < number ? -1 : 1));
        for (var i = ~start; i < Words.Count && Words[i].Page == number; i++) yield return Words[i];
    }

    public PageText? Page(int number) => _pages.GetValueOrDefault(number);

    private void Add(PageText page)
    {
        if (!(page.Width > 0 && page.Height > 0)) return;
        var words = page.Words
            .Select(w => new PlacedWord(w.Text, TextFolding.Token(w.Text), page.Number, InPoints(w.Box, page)))
            .Where(w => double.IsFinite(w.Box.Left + w.Box.Top + w.Box.Right + w.Box.Bottom))
            .OrderBy(w => w.Box.Middle).ThenBy(w => w.Box.Left).ThenBy(w => w.Text, StringComparer.Ordinal);
        var (lines, marks) = (new List<List<PlacedWord>>(), new List<PlacedWord>());
        var (middle, height) = (0.0, 0.0);
        foreach (var word in words)
        {
            if (word.Token.Length == 0)
            {
                marks.Add(word);
                continue;
            }

            if (lines.Count == 0 || word.Box.Middle - middle > 0.5 * Math.Min(height, Math.Max(word.Box.Height, MinHeight)))
            {
                lines.Add([]);
                (middle, height) = (word.Box.Middle, Math.Max(word.Box.Height, MinHeight));
            }

            lines[^1].Add(word);
        }

        Add(marks, lines);
        foreach (var line in lines.OrderBy(l => l[0].Box.Middle)) Close(line);
    }

    // A comma's ink is far below the middle of its line, an apostrophe's far above: marks belong to the nearest text whose height they are at.
    private static void Add(List<PlacedWord> marks, List<List<PlacedWord>> lines)
    {
        var middles = lines.ConvertAll(l => l[0].Box.Middle);
        var texts = lines.ConvertAll(l => (Box: l.Select(w => w.Box).Aggregate((a, b) => a.With(b)), Words: l.ToArray()));
        var open = (Line: (List<PlacedWord>?)null, Middle: 0.0);
        foreach (var mark in marks)
        {
            var at = middles.BinarySearch(mark.Box.Middle);
            if (at < 0) at = ~at;
            var (best, distance) = (-1, double.MaxValue);
            for (var i = Math.Max(at - LinesAround, 0); i < Math.Min(at + LinesAround, middles.Count); i++)
            {
                var (box, words) = texts[i];
                if (mark.Box.Middle < box.Top - 0.2 * box.Height || mark.Box.Middle > box.Bottom + 0.35 * box.Height) continue;
                var away = words.Min(w => Math.Max(Math.Max(w.Box.Left - mark.Box.Right, mark.Box.Left - w.Box.Right), 0)) + Math.Abs(mark.Box.Middle - box.Middle);
                if (away < distance) (best, distance) = (i, away);
            }

            if (best >= 0)
            {
                lines[best].Add(mark);
            }
            else
            {
                if (open.Line is null || mark.Box.Middle - open.Middle > 0.5 * MinHeight)
                {
                    open = ([], mark.Box.Middle);
                    lines.Add(open.Line);
                }

                open.Line.Add(mark);
            }
        }
    }

    private void Close(List<PlacedWord> line)
    {
        line.Sort((a, b) => a.Box.Left.CompareTo(b.Box.Left) is var order and not 0 ? order : string.CompareOrdinal(a.Text, b.Text));
        foreach (var word in line)
        {
            word.Line = Lines.Count;
            word.Position = Words.Count;
            Words.Add(word);
        }

        Lines.Add(line);
    }

    private static Rect InPoints(PageBox box, PageText page) =>
        new(box.X * page.Width, box.Y * page.Height, (box.X + box.W) * page.Width, (box.Y + box.H) * page.Height);
}
