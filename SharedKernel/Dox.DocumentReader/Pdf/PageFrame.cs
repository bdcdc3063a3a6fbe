using Dox.DocumentReading;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;

namespace Dox.DocumentReader.Pdf;

/// <summary>How text runs on the page as PdfPig gives it, that is with the page's own rotation applied.</summary>
internal enum Running
{
    Right,
    Down,
    Left,
    Up,
    Askew,
}

/// <summary>
/// A page turned so that most of its text runs to the right: a form that was scanned sideways has its words where its template has them.
/// </summary>
internal sealed class PageFrame(Page page, Running running)
{
    private const int Digits = 5;

    public double Width => IsSideways ? page.Height : page.Width;

    public double Height => IsSideways ? page.Width : page.Height;

    public bool IsSideways => running is Running.Down or Running.Up;

    /// <summary>Degrees clockwise from the page as it is shown to this frame.</summary>
    public int Turned => running switch
    {
        Running.Up => 90,
        Running.Left => 180,
        Running.Down => 270,
        _ => 0,
    };

    public PdfPoint Turn(PdfPoint point) => running switch
    {
        Running.Down => new PdfPoint(page.Height - point.Y, point.X),
        Running.Left => new PdfPoint(page.Width - point.X, page.Height - point.Y),
        Running.Up => new PdfPoint(point.Y, page.Width - point.X),
        _ => point,
    };

    public PdfRectangle Turn(PdfRectangle r) => new(
        topLeft: Turn(r.TopLeft), topRight: Turn(r.TopRight), bottomLeft: Turn(r.BottomLeft), bottomRight: Turn(r.BottomRight));

    public PdfPoint TurnBack(PdfPoint point) => running switch
    {
        Running.Down => new PdfPoint(point.Y, page.Height - point.X),
        Running.Left => new PdfPoint(page.Width - point.X, page.Height - point.Y),
        Running.Up => new PdfPoint(page.Width - point.Y, point.X),
        _ => point,
    };

    public PdfRectangle TurnBack(PdfRectangle r) => new(
        topLeft: TurnBack(r.TopLeft), topRight: TurnBack(r.TopRight), bottomLeft: TurnBack(r.BottomLeft), bottomRight: TurnBack(r.BottomRight));

    /// <summary>The box of a rectangle in the page's shown coordinates; null when it lies outside the page or has no place at all.</summary>
    public PageBox? Box(PdfRectangle shown)
    {
        var turned = Turn(shown);
        ReadOnlySpan<double> xs = [turned.TopLeft.X, turned.TopRight.X, turned.BottomLeft.X, turned.BottomRight.X];
        ReadOnlySpan<double> ys = [turned.TopLeft.Y, turned.TopRight.Y, turned.BottomLeft.Y, turned.BottomRight.Y];
        var (left, right, bottom, top) = (Least(xs) / Width, Most(xs) / Width, Least(ys) / Height, Most(ys) / Height);
        if (!double.IsFinite(left + right + bottom + top) || right < 0 || left > 1 || top < 0 || bottom > 1) return null;
        var (x, y) = (Fraction(left), Fraction(1 - top));
        return new PageBox(x, y, Math.Round(Fraction(right) - x, Digits), Math.Round(Fraction(1 - bottom) - y, Digits));
    }

    /// <summary>The box of a rectangle in the page's own user space, as annotations have it.</summary>
    public PageBox? BoxOfUserSpace(PdfRectangle rectangle)
    {
        var crop = page.CropBox.Bounds;
        return Box(new PdfRectangle(
            topLeft: Shown(rectangle.TopLeft), topRight: Shown(rectangle.TopRight),
            bottomLeft: Shown(rectangle.BottomLeft), bottomRight: Shown(rectangle.BottomRight)));

        PdfPoint Shown(PdfPoint p)
        {
            var (u, v) = (p.X - crop.Left, p.Y - crop.Bottom);
            return page.Rotation.Value switch
            {
                90 => new PdfPoint(v, crop.Width - u),
                180 => new PdfPoint(crop.Width - u, crop.Height - v),
                270 => new PdfPoint(crop.Height - v, u),
                _ => new PdfPoint(u, v),
            };
        }
    }

    private static double Fraction(double value) => Math.Round(Math.Clamp(value, 0, 1), Digits);

    private static double Least(ReadOnlySpan<double> values) => Math.Min(Math.Min(values[0], values[1]), Math.Min(values[2], values[3]));

    private static double Most(ReadOnlySpan<double> values) => Math.Max(Math.Max(values[0], values[1]), Math.Max(values[2], values[3]));
}
