using SkiaSharp;

namespace Dox.Host.Demo.Samples;

/// <summary>Draws on an A4 page, in millimetres from its top left corner; text sizes are in points.</summary>
internal sealed class PageCanvas(SKCanvas canvas)
{
    public const float WidthInPoints = 595;
    public const float HeightInPoints = 842;

    private const float PointsPerMillimetre = 72 / 25.4f;

    // The container has neither fonts nor fontconfig, where Skia's default typeface has no glyphs: ours come with the assembly.
    private static readonly SKTypeface Regular = Load("OpenSans-Regular.ttf");
    private static readonly SKTypeface Bold = Load("OpenSans-Bold.ttf");

    public static byte[] WritePdf(string title, string author, DateOnly date, Action<PageCanvas> draw)
    {
        using var stream = new MemoryStream();
        var metadata = SKDocumentPdfMetadata.Default;
        metadata.Title = title;
        metadata.Author = author;
        metadata.Creator = "DOX demo";
        metadata.Creation = metadata.Modified = date.ToDateTime(new TimeOnly(9, 30), DateTimeKind.Utc);
        using (var document = SKDocument.CreatePdf(stream, metadata))
        {
            draw(new PageCanvas(document.BeginPage(WidthInPoints, HeightInPoints)));
            document.EndPage();
            document.Close();
        }

        return stream.ToArray();
    }

    public void Text(float x, float y, string text, float size = 9, bool bold = false, SKColor? colour = null, SKTextAlign align = SKTextAlign.Left)
    {
        using var font = new SKFont(bold ? Bold : Regular, size) { Subpixel = true, LinearMetrics = true, Hinting = SKFontHinting.None };
        using var paint = new SKPaint { Color = colour ?? SKColors.Black, IsAntialias = true };
        canvas.DrawText(text, x * PointsPerMillimetre, y * PointsPerMillimetre, align, font, paint);
    }

    public void RightText(float x, float y, string text, float size = 9, bool bold = false, SKColor? colour = null) =>
        Text(x, y, text, size, bold, colour, SKTextAlign.Right);

    /// <summary>Lines of text, one below the other.</summary>
    public void Lines(float x, float y, float leading, IEnumerable<string> lines, float size = 9, SKColor? colour = null)
    {
        foreach (var line in lines)
        {
            Text(x, y, line, size, colour: colour);
            y += leading;
        }
    }

    public void Line(float x1, float y1, float x2, float y2, float thickness = 0.2f, SKColor? colour = null)
    {
        using var paint = Stroke(thickness, colour);
        canvas.DrawLine(x1 * PointsPerMillimetre, y1 * PointsPerMillimetre, x2 * PointsPerMillimetre, y2 * PointsPerMillimetre, paint);
    }

    public void Box(float x, float y, float width, float height, float thickness = 0.2f, SKColor? colour = null)
    {
        using var paint = Stroke(thickness, colour);
        canvas.DrawRect(Rectangle(x, y, width, height), paint);
    }

    public void Fill(float x, float y, float width, float height, SKColor colour)
    {
        using var paint = new SKPaint { Color = colour };
        canvas.DrawRect(Rectangle(x, y, width, height), paint);
    }

    public void Circle(float x, float y, float radius, float thickness, SKColor colour)
    {
        using var paint = Stroke(thickness, colour);
        canvas.DrawCircle(x * PointsPerMillimetre, y * PointsPerMillimetre, radius * PointsPerMillimetre, paint);
    }

    /// <summary>A curve through the points, as a pen would draw it.</summary>
    public void Curve(float thickness, SKColor colour, params ReadOnlySpan<(float X, float Y)> points)
    {
        using var path = new SKPathBuilder();
        path.MoveTo(points[0].X * PointsPerMillimetre, points[0].Y * PointsPerMillimetre);
        for (var i = 1; i + 1 < points.Length; i += 2)
            path.QuadTo(
                points[i].X * PointsPerMillimetre, points[i].Y * PointsPerMillimetre,
                points[i + 1].X * PointsPerMillimetre, points[i + 1].Y * PointsPerMillimetre);
        using var paint = Stroke(thickness, colour);
        using var finished = path.Detach();
        canvas.DrawPath(finished, paint);
    }

    /// <summary>Draws turned by <paramref name="degrees"/> around a point.</summary>
    public void Turned(float degrees, float x, float y, Action draw)
    {
        canvas.Save();
        canvas.RotateDegrees(degrees, x * PointsPerMillimetre, y * PointsPerMillimetre);
        draw();
        canvas.Restore();
    }

    private static SKRect Rectangle(float x, float y, float width, float height) => SKRect.Create(
        x * PointsPerMillimetre, y * PointsPerMillimetre, width * PointsPerMillimetre, height * PointsPerMillimetre);

    private static SKPaint Stroke(float thickness, SKColor? colour) => new()
    {
        Color = colour ?? SKColors.Black,
        IsStroke = true,
        IsAntialias = true,
        StrokeWidth = thickness * PointsPerMillimetre,
        StrokeCap = SKStrokeCap.Round,
    };

    private static SKTypeface Load(string name)
    {
        using var stream = typeof(PageCanvas).Assembly.GetManifestResourceStream($"fonts/{name}")
            ?? throw new InvalidOperationException($"The font {name} is not in the assembly.");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    }
}
