using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;

namespace Dox.DocumentReader.Pdf;

/// <summary>Horizontal and vertical lines, drawn as strokes or as thin areas; pieces of one line are joined.</summary>
internal static class RulingLines
{
    private const double Shortest = 20;
    private const double Thickest = 2;
    private const double Gap = 3;
    private const int MaxPieces = 20_000;

    public static (List<PdfRectangle> Horizontal, List<PdfRectangle> Vertical) Read(Page page)
    {
        var (horizontal, vertical) = (new List<Piece>(), new List<Piece>());
        foreach (var path in page.Paths)
        {
            if (!path.IsStroked && !path.IsFilled) continue;
            foreach (var subpath in path)
            {
                if (horizontal.Count + vertical.Count >= MaxPieces) break;
                if (subpath.GetBoundingRectangle() is not { } bounds) continue;
                if (bounds.Width <= Thickest || bounds.Height <= Thickest) Add(bounds.Left, bounds.Bottom, bounds.Right, bounds.Top);
                else if (path.IsStroked) AddStrokes(subpath);
            }
        }

        return (
            Join(horizontal).Select(p => new PdfRectangle(p.From, p.At, p.To, p.At)).ToList(),
            Join(vertical).Select(p => new PdfRectangle(p.At, p.From, p.At, p.To)).ToList());

        void AddStrokes(PdfSubpath subpath)
        {
            PdfPoint? start = null, end = null;
            foreach (var command in subpath.Commands)
            {
                if (command is PdfSubpath.Move move) start ??= move.Location;
                if (command is PdfSubpath.Line line)
                {
                    Add(line.From.X, line.From.Y, line.To.X, line.To.Y);
                    end = line.To;
                }

                if (command is PdfSubpath.Close && start is { } s && end is { } e) Add(e.X, e.Y, s.X, s.Y);
            }
        }

        void Add(double x1, double y1, double x2, double y2)
        {
            if (!double.IsFinite(x1 + y1 + x2 + y2)) return;
            var (dx, dy) = (Math.Abs(x2 - x1), Math.Abs(y2 - y1));
            if (dy <= Thickest && dx > Thickest) horizontal.Add(new Piece((y1 + y2) / 2, Math.Min(x1, x2), Math.Max(x1, x2)));
            else if (dx <= Thickest && dy > Thickest) vertical.Add(new Piece((x1 + x2) / 2, Math.Min(y1, y2), Math.Max(y1, y2)));
        }
    }

    private static IEnumerable<Piece> Join(List<Piece> pieces)
    {
        pieces.Sort(static (a, b) => (Math.Round(a.At / Thickest), a.From).CompareTo((Math.Round(b.At / Thickest), b.From)));
        Piece? open = null;
        foreach (var piece in pieces)
        {
            if (open is { } o && Math.Abs(o.At - piece.At) <= Thickest && piece.From <= o.To + Gap)
            {
                open = o with { To = Math.Max(o.To, piece.To) };
                continue;
            }

            if (open is { } done && done.To - done.From >= Shortest) yield return done;
            open = piece;
        }

        if (open is { } last && last.To - last.From >= Shortest) yield return last;
    }

    private sealed record Piece(double At, double From, double To);
}
