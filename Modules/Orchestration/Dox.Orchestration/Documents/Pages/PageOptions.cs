namespace Dox.Orchestration.Documents.Pages;

/// <summary>Pictures of pages. Section <c>Dox:Pages</c>.</summary>
internal sealed class PageOptions
{
    /// <summary>How long <c>pdftoppm</c> may draw a page; nothing: pages are shown by their words.</summary>
    public TimeSpan DrawingTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Of a picture's longer side, in pixels, 200 to 4000.</summary>
    public int Pixels { get; set; } = 1400;

    public static IEnumerable<string> Problems(PageOptions options)
    {
        if (options.DrawingTime < TimeSpan.Zero || options.DrawingTime > TimeSpan.FromMinutes(1)) yield return $"Dox:Pages:DrawingTime is {options.DrawingTime}; it must be nothing to a minute.";
        if (options.Pixels is < 200 or > 4000) yield return $"Dox:Pages:Pixels is {options.Pixels}; it must be 200 to 4000.";
    }
}
