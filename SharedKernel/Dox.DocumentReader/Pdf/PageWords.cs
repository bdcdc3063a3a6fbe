using Dox.DocumentReading;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.DocumentLayoutAnalysis.WordExtractor;
using UglyToad.PdfPig.Util;

namespace Dox.DocumentReader.Pdf;

/// <summary>Joins a page's letters to words, for each direction that text runs in.</summary>
internal static class PageWords
{
    // A scan that lies a little skew in the page still runs to the right
    private const double Tolerance = Math.PI / 18;

    // As a fraction of the page's width: a third of a point on A4
    private const double Touching = 0.0006;

    public static (PageFrame Frame, List<PageWord> Words) Read(Page page)
    {
        var byRunning = page.Letters.GroupBy(RunningOf).OrderByDescending(g => g.Count()).ToList();
        var main = byRunning.FirstOrDefault(g => g.Key != Running.Askew)?.Key ?? Running.Right;
        var frame = new PageFrame(page, main);
        var words = new List<PageWord>();
        foreach (var group in byRunning)
        {
            if (group.Key == Running.Askew) Add(words, NearestNeighbourWordExtractor.Instance.GetWords([.. group]), frame.Box);
            else if (group.Key == Running.Right) Add(words, DefaultWordExtractor.Instance.GetWords([.. group]), frame.Box);
            else AddTurned(group.Key, group);
        }

        return (frame, words);

        // PdfPig joins only what runs to the right
        void AddTurned(Running running, IEnumerable<Letter> letters)
        {
            var own = new PageFrame(page, running);
            var upright = DefaultWordExtractor.Instance.GetWords(letters.Select(l => Turn(l, own)).ToList());
            Add(words, upright, turned => frame.Box(own.TurnBack(turned)));
        }
    }

    private static Letter Turn(Letter letter, PageFrame frame) => new(
        letter.Value, frame.Turn(letter.BoundingBox), frame.Turn(letter.GlyphRectangleLoose), frame.Turn(letter.StartBaseLine),
        frame.Turn(letter.EndBaseLine), letter.Width, letter.FontSize, letter.FontDetails, letter.RenderingMode, letter.StrokeColor,
        letter.FillColor, letter.PointSize, letter.TextSequence);

    private static void Add(List<PageWord> words, IEnumerable<Word> found, Func<UglyToad.PdfPig.Core.PdfRectangle, PageBox?> place)
    {
        foreach (var word in found)
        {
            if (string.IsNullOrWhiteSpace(word.Text) || place(word.BoundingBox) is not { } box) continue;
            if (words.Count > 0 && Continues(words[^1], word.Text, box)) words[^1] = Joined(words[^1], word.Text, box);
            else words.Add(new PageWord(word.Text, box));
        }
    }

    // PdfPig parts a word where its letters' kerning or baseline is odd; a space is five times as wide.
    private static bool Continues(PageWord before, string text, PageBox box) =>
        Math.Abs(box.X - before.Box.X - before.Box.W) < Touching
        && Math.Abs(box.Y + (box.H / 2) - before.Box.Y - (before.Box.H / 2)) < 0.3 * Math.Max(box.H, before.Box.H)
        && char.IsLetterOrDigit(before.Text[^1]) && char.IsLetterOrDigit(text[0]);

    private static PageWord Joined(PageWord before, string text, PageBox box)
    {
        var top = Math.Min(before.Box.Y, box.Y);
        var bottom = Math.Max(before.Box.Y + before.Box.H, box.Y + box.H);
        return new PageWord(before.Text + text, new PageBox(before.Box.X, top, Math.Round(box.X + box.W - before.Box.X, 5), Math.Round(bottom - top, 5)));
    }

    private static Running RunningOf(Letter letter)
    {
        var (dx, dy) = (letter.EndBaseLine.X - letter.StartBaseLine.X, letter.EndBaseLine.Y - letter.StartBaseLine.Y);
        if (dx == 0 && dy == 0) return Running.Right;
        var angle = Math.Atan2(dy, dx);
        if (Math.Abs(angle) <= Tolerance) return Running.Right;
        if (Math.Abs(angle) >= Math.PI - Tolerance) return Running.Left;
        if (Math.Abs(angle - (Math.PI / 2)) <= Tolerance) return Running.Up;
        return Math.Abs(angle + (Math.PI / 2)) <= Tolerance ? Running.Down : Running.Askew;
    }
}
