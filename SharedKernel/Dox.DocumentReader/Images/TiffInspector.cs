using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using Dox.DocumentReading;

namespace Dox.DocumentReader.Images;

/// <summary>Decodes every image of a TIFF, strip by strip or tile by tile, once its header says that it is small enough to.</summary>
internal static class TiffInspector
{
    private const int MaxPart = 256 * 1024 * 1024;

    private static readonly CountingHandler Errors = new();

    static TiffInspector() => Tiff.SetErrorHandler(Errors);

    public static DocumentInspection Inspect(ReadOnlyMemory<byte> file, InspectionLimits limits)
    {
        if (!MemoryMarshal.TryGetArray(file, out var bytes)) bytes = file.ToArray();
        using var stream = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        using var tiff = Tiff.ClientOpen("document", "r", stream, new TiffStream()) ?? throw Unreadable();

        var (pages, widest, highest, decoded) = (0, 0, 0, 0L);
        int errors;
        do
        {
            if (++pages > limits.MaxPages)
                throw new RefusedException(ReadingOutcome.TooLarge, "tiff_too_many_images", $"The TIFF holds more than {limits.MaxPages} images.");
            var width = tiff.GetField(TiffTag.IMAGEWIDTH)?[0].ToInt() ?? 0;
            var height = tiff.GetField(TiffTag.IMAGELENGTH)?[0].ToInt() ?? 0;
            PixelLimits.Check(width, height, limits);
            decoded += Decode(tiff, limits.MaxInflatedBytes - decoded);
            (widest, highest) = (Math.Max(widest, width), Math.Max(highest, height));
            errors = Errors.Count;
        }
        while (tiff.ReadDirectory());

        // No further image is a clean end only when the file doesn't announce one
        if (Errors.Count > errors) throw new RefusedException(ReadingOutcome.Broken, "tiff_truncated", "The TIFF is cut off between its images.");
        return new DocumentInspection { Pages = pages, Width = widest, Height = highest, InflatedBytes = decoded };
    }

    private static long Decode(Tiff tiff, long budget)
    {
        var tiled = tiff.IsTiled();
        var parts = tiled ? tiff.NumberOfTiles() : tiff.NumberOfStrips();
        long size = tiled ? tiff.TileSize() : tiff.StripSize();
        if (parts <= 0 || size <= 0) throw Unreadable();
        if (size > MaxPart || size * parts > budget)
            throw new RefusedException(ReadingOutcome.TooLarge, "inflated_too_large", "The TIFF inflates to more than is allowed.");

        var buffer = new byte[size];
        for (var part = 0; part < parts; part++)
        {
            var read = tiled ? tiff.ReadEncodedTile(part, buffer, 0, buffer.Length) : tiff.ReadEncodedStrip(part, buffer, 0, buffer.Length);
            if (read < 0) throw Unreadable();
        }

        return size * parts;
    }

    private static RefusedException Unreadable() => new(
        ReadingOutcome.Broken, "image_unreadable", "The picture is damaged or cut off: it can't be decoded.");

    /// <summary>Keeps LibTiff from writing to the console, and knows that it wanted to.</summary>
    private sealed class CountingHandler : TiffErrorHandler
    {
        public int Count { get; private set; }

        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args) => Count++;

        public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }

        public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }
    }
}
