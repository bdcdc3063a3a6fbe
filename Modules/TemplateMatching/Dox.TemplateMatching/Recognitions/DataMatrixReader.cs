using System.Globalization;
using Dox.DocumentReading;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Reading;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Recognitions;

/// <summary>Reads a DataMatrix code from a document's first page with <c>dmtxread</c>, and <c>pdftoppm</c> for PDFs, where they are installed.</summary>
internal sealed class DataMatrixReader(
    IContentStore content, DocumentReaderPool readers, IOptions<TemplateMatchingOptions> options, ILogger<DataMatrixReader> log) : IDisposable
{
    private const string NotInstalled = "reader_not_installed";
    private const int NoCode = 1;
    private const int MaxCode = 4_096;

    // A page is drawn in a tenth of that; what takes longer isn't worth a code.
    private static readonly TimeSpan DrawingTime = TimeSpan.FromSeconds(3);

    private readonly string? _dmtxread = ToolRun.Find("dmtxread");
    private readonly string? _pdftoppm = ToolRun.Find("pdftoppm");
    private readonly SemaphoreSlim _slots = new(Math.Clamp(Environment.ProcessorCount, 1, 4));

    /// <summary>The code's text, or why there is none; both null where the page simply has no code.</summary>
    public async Task<(string? Code, string? Reason)> ReadAsync(DocumentRef document, CancellationToken cancellationToken)
    {
        if (options.Value.DataMatrixMilliseconds == 0) return (null, "switched_off");
        if (_dmtxread is null) return (null, NotInstalled);
        var isPdf = document.MediaType == "application/pdf";
        if (isPdf && _pdftoppm is null) return (null, NotInstalled);
        if (!isPdf && document.MediaType is not ("image/png" or "image/jpeg" or "image/tiff")) return (null, "type_not_supported");

        if (isPdf && !await MayShowCodeAsync(document, cancellationToken)) return (null, null);

        await _slots.WaitAsync(cancellationToken);
        var folder = Directory.CreateTempSubdirectory("dox-datamatrix-");
        try
        {
            var source = Path.Combine(folder.FullName, isPdf ? "page.pdf" : $"page.{document.MediaType[6..]}");
            await using (var stream = await content.OpenAsync(document.Sha256, cancellationToken))
            await using (var file = File.Create(source))
            {
                await stream.CopyToAsync(file, cancellationToken);
            }

            return isPdf && !await DrawAsync(source, folder.FullName, cancellationToken)
                ? (null, "page_not_drawn")
                : await ScanAsync(isPdf ? Path.Combine(folder.FullName, "page.png") : source, folder.FullName, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    // Drawing a page and searching it takes a hundred times what reading it does, and most pages are text and lines.
    private async Task<bool> MayShowCodeAsync(DocumentRef document, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await content.OpenAsync(document.Sha256, cancellationToken);
            var limits = new TextLimits { MaxPages = 1, MaxWords = options.Value.MaxWords, MaxFields = 1, MaxBytes = Math.Max(document.Length, 1) };
            var text = await readers.ReadTextAsync(stream, document.Length, document.MediaType, limits, cancellationToken);
            return text is not { IsOk: true, Pages: [{ Number: 1, HasGraphics: false }] };
        }
        catch (DocumentReaderUnavailableException)
        {
            return true;
        }
    }

    private async Task<bool> DrawAsync(string pdf, string folder, CancellationToken cancellationToken)
    {
        string[] arguments = ["-q", "-f", "1", "-l", "1", "-singlefile", "-gray", "-png", "-scale-to", "1200", pdf, Path.Combine(folder, "page")];
        var run = await ToolRun.RunAsync(_pdftoppm!, arguments, folder, DrawingTime, 1_024, cancellationToken);
        if (run.ExitCode != 0) log.LogInformation("pdftoppm drew no page: exit code {ExitCode}", run.ExitCode);
        return run.ExitCode == 0;
    }

    private async Task<(string? Code, string? Reason)> ScanAsync(string image, string folder, CancellationToken cancellationToken)
    {
        var milliseconds = options.Value.DataMatrixMilliseconds;
        string[] arguments = ["-N", "1", "-S", "2", "-m", milliseconds.ToString(CultureInfo.InvariantCulture), image];
        var run = await ToolRun.RunAsync(_dmtxread!, arguments, folder, TimeSpan.FromMilliseconds(milliseconds) + TimeSpan.FromSeconds(3), MaxCode, cancellationToken);
        return run switch
        {
            { ExitCode: 0, Output: { Length: > 0 } output } => (output.Trim(), null),
            { ExitCode: 0 or NoCode } => (null, null),
            { ExitCode: null } => (null, "reader_timed_out"),
            _ => (null, "reader_failed"),
        };
    }
}
