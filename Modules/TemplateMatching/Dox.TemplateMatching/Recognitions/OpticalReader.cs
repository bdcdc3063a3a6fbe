using System.Collections.Concurrent;
using System.Globalization;
using Dox.DocumentReading;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Infrastructure.Reading;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Recognitions;

/// <summary>
/// Reads the words of pictures, and of PDFs without a text layer, with <c>tesseract</c>, and <c>pdftoppm</c> for PDFs, where they are
/// installed: each bounded in time and memory, killed when it hangs.
/// </summary>
internal sealed class OpticalReader(IOptions<TemplateMatchingOptions> options, ILogger<OpticalReader> log) : IDisposable
{
    public const string NotInstalled = "ocr_not_installed";
    private const int MaxOutput = 4_000_000;
    private const int MaxKept = 32;

    // The long side of a drawn page: A4 at some 240 dots an inch, which letters of usual size want
    private const string PageDots = "2800";

    private readonly string? _tesseract = ToolRun.Find("tesseract");
    private readonly string? _pdftoppm = ToolRun.Find("pdftoppm");
    private readonly SemaphoreSlim _slots = new(Math.Clamp(Environment.ProcessorCount / 2, 1, 4));
    private readonly ConcurrentQueue<(string Sha256, DocumentText Text)> _kept = new();
    private string? _languages;

    /// <summary>The document with the words that were recognised; as it was, with a finding that says why, where none were.</summary>
    /// <param name="document">Names it.</param>
    /// <param name="text">As it was read without.</param>
    /// <param name="open">Its content.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<DocumentText> ReadAsync(
        DocumentRef document, DocumentText text, Func<CancellationToken, Task<Stream>> open, CancellationToken cancellationToken)
    {
        var limit = TimeSpan.FromSeconds(options.Value.OcrSeconds);
        if (limit == TimeSpan.Zero) return Without(text, "ocr_switched_off", "Optical recognition is switched off (Dox:TemplateMatching:OcrSeconds).");
        var isPdf = document.MediaType == "application/pdf";
        if (_tesseract is null || (isPdf && _pdftoppm is null))
            return Without(text, NotInstalled, "Its text isn't recognised optically: tesseract or pdftoppm isn't installed (Debian: tesseract-ocr, poppler-utils).");
        // A document is recognised, then its fields are read: its words needn't be recognised twice
        if (Known(document) is { } known) return known;

        await _slots.WaitAsync(cancellationToken);
        try
        {
            // Who waited may have waited for this very document
            return Known(document) ?? await RecogniseAsync(document, text, open, isPdf, limit, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    private DocumentText? Known(DocumentRef document) => _kept.FirstOrDefault(k => k.Sha256 == document.Sha256).Text;

    private async Task<DocumentText> RecogniseAsync(
        DocumentRef document, DocumentText text, Func<CancellationToken, Task<Stream>> open, bool isPdf, TimeSpan limit, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("dox-ocr-");
        try
        {
            using var activity = TemplateMatchingTelemetry.Source.StartActivity("recognise text");
            activity?.SetTag("document.id", document.Id.ToString());
            var source = Path.Combine(folder.FullName, isPdf ? "document.pdf" : $"page.{document.MediaType[6..]}");
            await using (var stream = await open(cancellationToken))
            await using (var file = File.Create(source))
            {
                await stream.CopyToAsync(file, cancellationToken);
            }

            var recognised = await ReadAsync(source, isPdf, text, folder.FullName, limit, cancellationToken);
            activity?.SetTag("outcome", recognised.HasText ? "ok" : recognised.Findings[^1].Code);
            if (!recognised.HasText) return recognised;
            _kept.Enqueue((document.Sha256, recognised));
            while (_kept.Count > MaxKept) _kept.TryDequeue(out _);
            return recognised;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<DocumentText> ReadAsync(string source, bool isPdf, DocumentText text, string folder, TimeSpan limit, CancellationToken cancellationToken)
    {
        var until = TimeProvider.System.GetTimestamp() + (long)(limit.TotalSeconds * TimeProvider.System.TimestampFrequency);
        var pictures = isPdf ? await DrawAsync(source, folder, limit, cancellationToken) : [source];
        if (pictures.Count == 0) return Without(text, "page_not_drawn", "Its text isn't recognised optically: no page of it can be drawn.");
        var languages = await LanguagesAsync(folder, cancellationToken);
        if (languages.Length == 0)
            return Without(text, NotInstalled, $"Its text isn't recognised optically: tesseract has none of the languages {options.Value.OcrLanguages}.");
        var pages = new List<PageText>();
        foreach (var picture in pictures)
        {
            var left = TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), until);
            if (left <= TimeSpan.Zero) return Without(text, "ocr_timed_out", $"Recognising its text optically took longer than {limit.TotalSeconds:0} s.");
            string[] arguments = [picture, "stdout", "--psm", "1", "-l", languages, "tsv"];
            var run = await ToolRun.RunAsync(_tesseract!, arguments, folder, left, MaxOutput, cancellationToken);
            if (run.ExitCode is null) return Without(text, "ocr_timed_out", $"Recognising its text optically took longer than {limit.TotalSeconds:0} s.");
            // A page that it can't make anything of isn't all of the document
            if (run.ExitCode == 0) pages.AddRange(RecognisedPage.Read(run.Output, pages.Count + 1));
            else log.LogInformation("tesseract recognised nothing on a page: exit code {ExitCode}", run.ExitCode);
        }

        if (pages.TrueForAll(p => p.Words.Count == 0)) return Without(text, "ocr_found_nothing", "No words were recognised on it.");
        return text with
        {
            PageCount = Math.Max(text.PageCount, pages.Count),
            HasText = true,
            Recognised = true,
            Truncated = text.Truncated || (isPdf && text.PageCount > pages.Count) || pages.Sum(p => p.Words.Count) > options.Value.MaxWords,
            Pages = [.. Limited(pages)],
        };
    }

    private IEnumerable<PageText> Limited(List<PageText> pages)
    {
        var left = options.Value.MaxWords;
        foreach (var page in pages)
        {
            yield return page.Words.Count <= left ? page : page with { Words = [.. page.Words.Take(left)] };
            left = Math.Max(0, left - page.Words.Count);
        }
    }

    private async Task<IReadOnlyList<string>> DrawAsync(string pdf, string folder, TimeSpan limit, CancellationToken cancellationToken)
    {
        var last = options.Value.OcrPages.ToString(CultureInfo.InvariantCulture);
        string[] arguments = ["-q", "-f", "1", "-l", last, "-gray", "-png", "-scale-to", PageDots, pdf, Path.Combine(folder, "page")];
        var run = await ToolRun.RunAsync(_pdftoppm!, arguments, folder, limit, 1_024, cancellationToken);
        if (run.ExitCode != 0) log.LogInformation("pdftoppm drew no pages: exit code {ExitCode}", run.ExitCode);
        return run.ExitCode == 0 ? [.. Directory.GetFiles(folder, "page*.png").Order(StringComparer.Ordinal)] : [];
    }

    // Of those that are asked for, what is installed: a missing language makes tesseract fail altogether.
    private async Task<string> LanguagesAsync(string folder, CancellationToken cancellationToken)
    {
        if (_languages is not null) return _languages;
        var run = await ToolRun.RunAsync(_tesseract!, ["--list-langs"], folder, TimeSpan.FromSeconds(options.Value.OcrSeconds), 65_536, cancellationToken);
        if (run.ExitCode != 0) return "";
        var installed = run.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        var wanted = options.Value.OcrLanguages.Split('+', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var missing in wanted.Where(l => !installed.Contains(l)))
            log.LogWarning("tesseract has no language {Language} (Debian: tesseract-ocr-{Package})", missing, missing);
        return _languages = string.Join('+', wanted.Where(installed.Contains));
    }

    private static DocumentText Without(DocumentText text, string code, string message) => text with { Findings = [.. text.Findings, new(code, message)] };
}
