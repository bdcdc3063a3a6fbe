using UglyToad.PdfPig.Annotations;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;

namespace Dox.DocumentReader.Pdf;

/// <summary>
/// Whether a page has more than text and lines: pictures, small filled shapes, dashed strokes, a font that draws shapes, notes that are drawn.
/// Of these alone a code with bars or squares can be made; a page without any needn't be drawn and searched for one.
/// </summary>
internal static class Graphics
{
    // The smallest DataMatrix code has ten squares in its clock track alone; some may have grown together with their neighbours.
    private const int FewestShapes = 6;
    private const int FewestDashed = 8;

    // An outline of squares that grew together: a letter or a logo's curve has fewer straight edges.
    private const int ManyEdges = 40;
    private const double LargestShape = 40;

    private static readonly string[] s_codeFonts = ["matrix", "barcode", "idautomation", "2d"];

    public static bool Has(Page page) => page.NumberOfImages > 0 || HasShapes(page) || page.Letters.Any(IsOfCodeFont) || HasDrawnNotes(page);

    private static bool HasShapes(Page page)
    {
        var (shapes, dashed) = (0, 0);
        foreach (var path in page.Paths)
        {
            if (path is { IsStroked: true, LineDashPattern.Array.Count: > 0 }) dashed++;
            if (path.IsFilled) shapes += path.Sum(Shapes);
            if (shapes >= FewestShapes || dashed >= FewestDashed) return true;
        }

        return false;
    }

    private static int Shapes(PdfSubpath subpath)
    {
        if (subpath.Commands.Count >= ManyEdges) return FewestShapes;
        return subpath.GetBoundingRectangle() is { Width: <= LargestShape, Height: <= LargestShape } ? 1 : 0;
    }

    // A Type 3 font draws its letters by itself, and has no name of its own.
    private static bool IsOfCodeFont(Letter letter) =>
        letter.FontName is not { Length: > 0 } name || Array.Exists(s_codeFonts, f => name.Contains(f, StringComparison.OrdinalIgnoreCase));

    private static bool HasDrawnNotes(Page page)
    {
        try
        {
            return page.GetAnnotations().Any(a => a.Type is not (AnnotationType.Link or AnnotationType.Widget or AnnotationType.Text or AnnotationType.Popup));
        }
#pragma warning disable CA1031 // notes that can't be read may draw anything
        catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            return true;
        }
    }
}
