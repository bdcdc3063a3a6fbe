using System.Buffers;
using Dox.DocumentReading;
using SkiaSharp;

namespace Dox.DocumentReader.Images;

/// <summary>Decodes a PNG or JPEG, once its header says that it is small enough to.</summary>
internal static class PictureInspector
{
    public static DocumentInspection Inspect(ReadOnlyMemory<byte> file, string mediaType, InspectionLimits limits)
    {
        using var pin = file.Pin();
        using var data = Data(pin, file.Length);
        using var codec = SKCodec.Create(data)
            ?? throw new RefusedException(ReadingOutcome.Broken, "image_unreadable", "The picture's header can't be read.");
        var format = codec.EncodedFormat switch
        {
            SKEncodedImageFormat.Png => MediaTypes.Png,
            SKEncodedImageFormat.Jpeg => MediaTypes.Jpeg,
            _ => MediaTypes.Unknown,
        };
        if (format != mediaType)
            throw new RefusedException(ReadingOutcome.Broken, "image_of_another_type", $"The picture isn't of type '{mediaType}'.");

        var (width, height) = (codec.Info.Width, codec.Info.Height);
        PixelLimits.Check(width, height, limits);
        var pixels = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(pixels))
        {
            throw new RefusedException(
                ReadingOutcome.OutOfMemory, "reading_out_of_memory", "Decoding the picture took more memory than is allowed.");
        }

        if (codec.GetPixels(pixels, bitmap.GetPixels()) is var result and not SKCodecResult.Success)
        {
            throw new RefusedException(
                ReadingOutcome.Broken,
                result == SKCodecResult.IncompleteInput ? "image_truncated" : "image_unreadable",
                result == SKCodecResult.IncompleteInput ? "The picture is cut off." : "The picture is damaged: it can't be decoded.");
        }

        return new DocumentInspection { Pages = 1, Width = width, Height = height, InflatedBytes = pixels.BytesSize64 };
    }

    private static unsafe SKData Data(MemoryHandle pin, int length) => SKData.Create((nint)pin.Pointer, length);
}
