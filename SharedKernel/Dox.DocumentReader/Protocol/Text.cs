using System.Runtime.InteropServices;

namespace Dox.DocumentReading;

/// <summary>What reading a document's text may take.</summary>
public sealed record TextLimits
{
    /// <summary>Bytes of the document itself.</summary>
    public long MaxBytes { get; init; } = 50L * 1024 * 1024;

    /// <summary>Pages that are read; the rest is left out and <see cref="DocumentText.Truncated"/> is set.</summary>
    public int MaxPages { get; init; } = 100;

    /// <summary>Words that are read; the rest is left out and <see cref="DocumentText.Truncated"/> is set.</summary>
    public int MaxWords { get; init; } = 50_000;

    /// <summary>Form fields that are read; the rest is left out and <see cref="DocumentText.Truncated"/> is set.</summary>
    public int MaxFields { get; init; } = 2_000;

    /// <summary>Ruling lines per page that are given with their place; all are counted.</summary>
    public int MaxLinesPerPage { get; init; } = 200;

    /// <summary>Bytes that the streams on the way may inflate to.</summary>
    public long MaxInflatedBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>Inflated bytes per stored byte, looked at once more than 64 MiB were inflated.</summary>
    public int MaxInflateRatio { get; init; } = 100;

    /// <summary>Filters on one stream.</summary>
    public int MaxFilters { get; init; } = 4;
}

/// <summary>A place on a page as fractions of its width and height, from the top left of the page as it is shown.</summary>
/// <param name="X">Left edge, 0 to 1.</param>
/// <param name="Y">Top edge, 0 to 1.</param>
/// <param name="W">Width, 0 to 1.</param>
/// <param name="H">Height, 0 to 1.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PageBox(double X, double Y, double W, double H);

/// <summary>A word on a page.</summary>
/// <param name="Text">The word.</param>
/// <param name="Box">Where it is.</param>
public sealed record PageWord(string Text, PageBox Box);

/// <summary>A form field.</summary>
/// <param name="Name">Its full name, the parts joined by dots.</param>
/// <param name="Type"><c>text</c>, <c>checkbox</c>, <c>radio</c>, <c>combo</c>, <c>list</c>, <c>button</c>, <c>signature</c> or <c>unknown</c>.</param>
/// <param name="Value">Its value as text; null when it has none.</param>
/// <param name="Page">The page it is on, from 1; null when that is unknown.</param>
/// <param name="Box">Where it is on the page; null when that is unknown.</param>
public sealed record FormField(string Name, string Type, string? Value, int? Page, PageBox? Box);

/// <summary>What is on one page.</summary>
public sealed record PageText
{
    /// <summary>The page's number, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Width as shown, rotation undone, in points (1/72 inch).</summary>
    public required double Width { get; init; }

    /// <summary>Height as shown, rotation undone, in points (1/72 inch).</summary>
    public required double Height { get; init; }

    /// <summary>Degrees clockwise that the page says it is turned by; boxes are as it is shown, after the turn.</summary>
    public int Rotation { get; init; }

    /// <summary>Degrees clockwise, 0, 90, 180 or 270, that the page as it is shown was turned by for most of its text to run to the right.</summary>
    public int Turned { get; init; }

    /// <summary>Whether the page has a text layer that reads as text.</summary>
    public bool HasText { get; init; }

    /// <summary>Pictures on the page: many on a page without text mean a scan.</summary>
    public int Images { get; init; }

    /// <summary>Whether there is more on the page than text and lines, of which a code could be made: pictures, small filled shapes, dashes.</summary>
    public bool HasGraphics { get; init; }

    /// <summary>Words in reading order.</summary>
    public IReadOnlyList<PageWord> Words { get; init; } = [];

    /// <summary>Horizontal ruling lines.</summary>
    public int HorizontalLines { get; init; }

    /// <summary>Vertical ruling lines.</summary>
    public int VerticalLines { get; init; }

    /// <summary>The first of the ruling lines, as boxes without height or without width.</summary>
    public IReadOnlyList<PageBox> Lines { get; init; } = [];
}

/// <summary>The text of a document and where it stands.</summary>
public sealed record DocumentText : ReadingResult
{
    /// <summary>Pages of the document, also those that weren't read.</summary>
    public int PageCount { get; init; }

    /// <summary>The program that made the document, as it says.</summary>
    public string? Producer { get; init; }

    /// <summary>The program that wrote the document's source, as it says.</summary>
    public string? Creator { get; init; }

    /// <summary>Whether any page has a text layer that reads as text.</summary>
    public bool HasText { get; init; }

    /// <summary>Whether the text must come from optical recognition: a picture, or no page has text.</summary>
    public bool NeedsOcr { get; init; }

    /// <summary>Whether the words were recognised optically, and so may have letters wrong.</summary>
    public bool Recognised { get; init; }

    /// <summary>Whether pages, words or fields were left out because of a limit.</summary>
    public bool Truncated { get; init; }

    /// <summary>The pages that were read, in order; a page that couldn't be read is a finding and left out.</summary>
    public IReadOnlyList<PageText> Pages { get; init; } = [];

    /// <summary>Form fields.</summary>
    public IReadOnlyList<FormField> Fields { get; init; } = [];
}
