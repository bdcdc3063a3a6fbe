using Dox.DocumentReading;

namespace Dox.DocumentReader.Images;

internal static class PixelLimits
{
    public static void Check(int width, int height, InspectionLimits limits)
    {
        if (width <= 0 || height <= 0)
            throw new RefusedException(ReadingOutcome.Broken, "image_empty", "The picture has no pixels.");
        if (width <= limits.MaxWidth && height <= limits.MaxHeight) return;
        throw new RefusedException(
            ReadingOutcome.TooLarge, "image_too_large",
            $"The picture is {width} by {height} pixels; {limits.MaxWidth} by {limits.MaxHeight} are allowed.");
    }
}
