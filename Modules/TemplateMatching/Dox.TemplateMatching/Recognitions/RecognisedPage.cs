using System.Globalization;
using System.Runtime.InteropServices;
using Dox.DocumentReading;

namespace Dox.TemplateMatching.Recognitions;

/// <summary>
/// Words that were recognised optically, turned upright: <c>tesseract</c> reads a page that lies on its side or stands on its head, and gives
/// its words where they are on the picture; how words of a line follow each other tells how it lies, and how much it is askew.
/// </summary>
internal static class RecognisedPage
{
    // What it is less sure of is specks and lines taken for letters.
    private const double MinConfidence = 30;
    private const int Fields = 12;
    private const double MaxSkew = 0.2;

    // The long side of A4, which pictures don't say the size of
    private const double LongSide = 842;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Found(string Text, string Line, double X, double Y, double W, double H)
    {
        public double MidX => X + (W / 2);

        public double MidY => Y + (H / 2);
    }

    /// <param name="tsv">What <c>tesseract … tsv</c> wrote.</param>
    /// <param name="firstPage">The number of its first page, from 1.</param>
    public static IReadOnlyList<PageText> Read(string tsv, int firstPage)
    {
        var pages = new List<PageText>();
        var (size, words) = (((double W, double H)?)null, new List<Found>());
        foreach (var line in tsv.Split('\n'))
        {
            var fields = line.Split('\t');
            if (fields.Length < Fields || fields[0] is not ("1" or "5")) continue;
            if (fields[0] == "1")
            {
                Close();
                size = (Number(fields[8]), Number(fields[9]));
            }
            else if (Number(fields[10]) >= MinConfidence && !string.IsNullOrWhiteSpace(fields[11]))
            {
                words.Add(new(fields[11].Trim(), string.Join('.', fields[1..5]), Number(fields[6]), Number(fields[7]), Number(fields[8]), Number(fields[9])));
            }
        }

        Close();
        return pages;

        void Close()
        {
            if (size is { W: > 0, H: > 0 } page) pages.Add(Page(words, page.W, page.H, firstPage + pages.Count));
            (size, words) = (null, []);
        }
    }

    private static PageText Page(List<Found> words, double width, double height, int number)
    {
        var quarter = QuarterTurns(words);
        var upright = words.ConvertAll(w => Turn(w, quarter, width, height));
        if (quarter % 2 == 1) (width, height) = (height, width);
        var skew = Skew(upright);
        var scale = LongSide / Math.Max(width, height);
        return new PageText
        {
            Number = number,
            Width = Math.Round(width * scale, 2),
            Height = Math.Round(height * scale, 2),
            Rotation = quarter * 90,
            HasText = words.Count > 0,
            Images = 1,
            HasGraphics = true,
            Words = [.. upright.Select(w => new PageWord(w.Text, Box(w, skew, width, height)))],
        };
    }

    // By how many quarters, clockwise, the picture is turned: the way from a line's first word to its last.
    private static int QuarterTurns(List<Found> words)
    {
        var votes = new double[4];
        foreach (var line in words.GroupBy(w => w.Line, StringComparer.Ordinal))
        {
            var (first, last) = (line.First(), line.Last());
            var (dx, dy) = (last.MidX - first.MidX, last.MidY - first.MidY);
            votes[Math.Abs(dx) >= Math.Abs(dy) ? dx >= 0 ? 0 : 2 : dy > 0 ? 1 : 3] += Math.Max(Math.Abs(dx), Math.Abs(dy));
        }

        return Array.IndexOf(votes, votes.Max());
    }

    private static Found Turn(Found w, int quarter, double width, double height) => quarter switch
    {
        1 => w with { X = w.Y, Y = width - w.X - w.W, W = w.H, H = w.W },
        2 => w with { X = width - w.X - w.W, Y = height - w.Y - w.H },
        3 => w with { X = height - w.Y - w.H, Y = w.X, W = w.H, H = w.W },
        _ => w,
    };

    // The median rise of lines, each weighing as much as it is long
    private static double Skew(List<Found> words)
    {
        var rises = words.GroupBy(w => w.Line, StringComparer.Ordinal).Select(l => (First: l.First(), Last: l.Last()))
            .Where(l => l.Last.MidX - l.First.MidX > 10 * l.First.H)
            .Select(l => (Rise: (l.Last.MidY - l.First.MidY) / (l.Last.MidX - l.First.MidX), Length: l.Last.MidX - l.First.MidX))
            .Where(r => Math.Abs(r.Rise) < MaxSkew)
            .OrderBy(r => r.Rise).ToList();
        var half = rises.Sum(r => r.Length) / 2;
        foreach (var (rise, length) in rises)
        {
            if ((half -= length) <= 0) return rise;
        }

        return 0;
    }

    private static PageBox Box(Found w, double skew, double width, double height)
    {
        var (x, y) = (w.MidX - (width / 2), w.MidY - (height / 2));
        var (left, top) = ((x + (skew * y) - (w.W / 2) + (width / 2)) / width, (y - (skew * x) - (w.H / 2) + (height / 2)) / height);
        return new(Fraction(left), Fraction(top), Fraction(w.W / width), Fraction(w.H / height));
    }

    private static double Fraction(double value) => Math.Round(Math.Clamp(value, 0, 1), 5);

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
