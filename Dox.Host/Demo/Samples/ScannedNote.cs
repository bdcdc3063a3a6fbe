using SkiaSharp;

namespace Dox.Host.Demo.Samples;

/// <summary>A delivery note of an unknown sender as a flat-bed scanner sees it: skewed, yellowed, specked, with a stamp.</summary>
internal static class ScannedNote
{
    private const int Width = 1240;
    private const int Height = 1754;

    private static readonly SKColor Stamp = new(0x2A, 0x3F, 0x9E, 0xC0);

    public static byte[] Write(int seed, DateOnly date)
    {
        var random = new Random(seed);
        using var bitmap = new SKBitmap(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(new SKColor(0x8A, 0x88, 0x84));
            canvas.RotateDegrees(0.8f, Width / 2f, Height / 2f);
            canvas.Scale(Width / PageCanvas.WidthInPoints);
            var page = new PageCanvas(canvas);
            page.Fill(1.5f, -3, 207, 298, new SKColor(0xF7, 0xF4, 0xEA));
            Draw(page, random, date);
            Specks(page, random);
        }

        using var image = SKImage.FromBitmap(bitmap);
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static void Draw(PageCanvas page, Random random, DateOnly date)
    {
        page.Text(22, 30, "Kontor Beispiel OHG", 20, bold: true);
        page.Text(22, 37, "Kaffee · Tee · Gewürze    Alter Hafen 5, 26721 Emden", 10);
        page.Line(22, 41, 188, 41, 0.5f);
        page.Text(22, 58, $"Lieferschein {random.Next(4000, 9999)}", 16, bold: true);
        page.Text(22, 67, $"vom {SampleValues.GermanDate(date.AddDays(-3))}", 11);
        page.Lines(120, 58, 5.5f, ["Stadtbücherei Beispielstadt", "Rathausgasse 8", "01067 Dresden"], 11);
        string[] goods = ["Ostfriesentee, lose", "Kaffee, ganze Bohne", "Kandis, weiß", "Kakao, stark entölt"];
        var y = 90f;
        foreach (var text in goods)
        {
            page.Text(22, y, $"{random.Next(2, 20)} ×", 12);
            page.Text(42, y, text, 12);
            page.RightText(188, y, $"{random.Next(1, 9) * 250} g", 12);
            page.Line(22, y + 3, 188, y + 3, 0.15f);
            y += 11;
        }

        page.Text(22, y + 14, "Ware vollständig erhalten:", 11);
        page.Curve(0.6f, new SKColor(0x20, 0x20, 0x20), (80, y + 13), (85, y), (90, y + 12), (94, y + 18), (101, y + 8), (110, y + 4), (121, y + 11));
        page.Turned(-11, 140, y + 45, () =>
        {
            page.Box(112, y + 33, 62, 24, 1.1f, Stamp);
            page.Text(143, y + 43, "EINGEGANGEN", 17, bold: true, Stamp, SKTextAlign.Center);
            page.Text(143, y + 52, SampleValues.GermanDate(date), 15, colour: Stamp, align: SKTextAlign.Center);
        });
    }

    private static void Specks(PageCanvas page, Random random)
    {
        for (var i = 0; i < 260; i++)
        {
            var size = random.NextSingle() * 0.35f;
            page.Fill(random.NextSingle() * 210, random.NextSingle() * 297, size, size, new SKColor(0x30, 0x2C, 0x28, (byte)random.Next(40, 200)));
        }
    }
}
