using System.Globalization;
using System.Text;
using Dox.DocumentReading;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;

namespace Dox.DocumentReader.Pdf;

/// <summary>Reads the words of a PDF and where they stand.</summary>
internal sealed class PdfTextReader(ReadOnlyMemory<byte> file, TextLimits limits)
{
    private const int MaxPageFindings = 20;
    private readonly InflateBudget _budget = new(limits.MaxInflatedBytes, limits.MaxInflateRatio, limits.MaxFilters, file.Length);
    private readonly List<ReadingFinding> _findings = [];
    private readonly Dictionary<int, PageFrame> _frames = [];
    private bool _truncated;
    private int _words;

    public DocumentText Read()
    {
        _ = PdfEnvelope.Read(file.Span);
        using var document = PdfOpening.Open(file, _budget);
        if (document.NumberOfPages <= 0) throw new RefusedException(ReadingOutcome.Broken, "pdf_no_pages", "The PDF has no pages.");
        var pages = ReadPages(document);
        var fields = ReadFields(document);
        var hasText = pages.Exists(p => p.HasText);
        return new DocumentText
        {
            PageCount = document.NumberOfPages,
            Producer = Clean(document.Information.Producer),
            Creator = Clean(document.Information.Creator),
            HasText = hasText,
            NeedsOcr = !hasText,
            Truncated = _truncated,
            Pages = pages,
            Fields = fields,
            Findings = _findings,
        };
    }

    private List<PageText> ReadPages(PdfDocument document)
    {
        var pages = new List<PageText>();
        var last = Math.Min(document.NumberOfPages, limits.MaxPages);
        _truncated = last < document.NumberOfPages;
        for (var number = 1; number <= last; number++)
        {
            if (_words >= limits.MaxWords)
            {
                _truncated = true;
                break;
            }

            try
            {
                pages.Add(ReadPage(document.ReadPage(number)));
                _budget.ThrowIfExceeded();
            }
#pragma warning disable CA1031 // a page that can't be read, for whatever reason, is left out and said so
            catch (Exception e) when (e is not (OutOfMemoryException or PdfDocumentStackDepthException))
#pragma warning restore CA1031
            {
                _budget.ThrowIfExceeded();
                if (_findings.Count < MaxPageFindings)
                    _findings.Add(new("pdf_page_unreadable", "A page can't be read.", number.ToString(CultureInfo.InvariantCulture)));
            }
        }

        if (pages.Count == 0)
            throw new RefusedException(ReadingOutcome.Broken, "pdf_no_readable_page", "No page of the PDF can be read.");
        return pages;
    }

    private PageText ReadPage(Page page)
    {
        var (frame, words) = PageWords.Read(page);
        _frames[page.Number] = frame;
        if (_words + words.Count > limits.MaxWords)
        {
            words.RemoveRange(limits.MaxWords - _words, words.Count - (limits.MaxWords - _words));
            _truncated = true;
        }

        _words += words.Count;
        var lines = RulingLines.Read(page);
        return new PageText
        {
            Number = page.Number,
            Width = Math.Round(frame.Width, 2),
            Height = Math.Round(frame.Height, 2),
            Rotation = page.Rotation.Value,
            Turned = frame.Turned,
            HasText = ReadsAsText(words),
            Images = page.NumberOfImages,
            HasGraphics = Graphics.Has(page),
            Words = words,
            HorizontalLines = frame.IsSideways ? lines.Vertical.Count : lines.Horizontal.Count,
            VerticalLines = frame.IsSideways ? lines.Horizontal.Count : lines.Vertical.Count,
            Lines = lines.Horizontal.Concat(lines.Vertical)
                .Select(frame.Box)
                .OfType<PageBox>()
                .OrderByDescending(b => Math.Max(b.W, b.H))
                .Take(limits.MaxLinesPerPage)
                .ToList(),
        };
    }

    private List<FormField> ReadFields(PdfDocument document)
    {
        try
        {
            if (!document.TryGetForm(out var form)) return [];
            var fields = FormFields.Read(form, _frames).Take(limits.MaxFields + 1).ToList();
            if (fields.Count <= limits.MaxFields) return fields;
            _truncated = true;
            fields.RemoveAt(limits.MaxFields);
            return fields;
        }
#pragma warning disable CA1031 // a form that can't be read leaves the text, which is what most callers came for
        catch (Exception e) when (e is not (RefusedException or OutOfMemoryException))
#pragma warning restore CA1031
        {
            _budget.ThrowIfExceeded();
            _findings.Add(new("pdf_form_unreadable", "The PDF's form can't be read."));
            return [];
        }
    }

    // Fonts without a map to Unicode give private or control characters: such a layer is as good as none
    private static bool ReadsAsText(List<PageWord> words)
    {
        var (readable, garbage) = (0, 0);
        foreach (var rune in words.SelectMany(w => w.Text.EnumerateRunes()))
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate:
                    garbage++;
                    break;
                default:
                    if (rune == Rune.ReplacementChar) garbage++;
                    else readable++;
                    break;
            }
        }

        return readable > 0 && garbage * 3 <= readable;
    }

    private static string? Clean(string? text)
    {
        const int Longest = 200;
        if (string.IsNullOrWhiteSpace(text)) return null;
        return new string(text.Take(Longest).Where(c => !char.IsControl(c) && !char.IsSurrogate(c)).ToArray()).Trim();
    }
}
