using System.Globalization;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.SharedKernel.Infrastructure.Reading;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Documents.Pages;

/// <summary>A page's picture.</summary>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
/// <param name="Bytes">The file.</param>
internal sealed record PagePicture(string MediaType, byte[] Bytes);

/// <summary>Draws pages with <c>pdftoppm</c> where it is installed, in a process of its own that is killed when it takes too long.</summary>
internal sealed class PagePictures(IContentStore content, IOptions<PageOptions> options, ILogger<PagePictures> log) : IDisposable
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan s_queue = TimeSpan.FromSeconds(10);

    private readonly string? _pdftoppm = ToolRun.Find("pdftoppm");
    private readonly SemaphoreSlim _slots = new(Math.Clamp(Environment.ProcessorCount / 2, 1, 4));

    /// <summary>The page's picture; null where there is none to be had.</summary>
    public async Task<PagePicture?> DrawAsync(DocumentRef document, int page, CancellationToken cancellationToken)
    {
        if (options.Value.DrawingTime == TimeSpan.Zero) return null;
        if (document.MediaType is MediaTypes.Png or MediaTypes.Jpeg) return page == 1 ? await WholeAsync(document, cancellationToken) : null;
        if (document.MediaType != MediaTypes.Pdf || _pdftoppm is null || !await _slots.WaitAsync(s_queue, cancellationToken)) return null;
        try
        {
            return await DrawPdfAsync(document, page, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task<PagePicture?> WholeAsync(DocumentRef document, CancellationToken cancellationToken)
    {
        if (document.Length > MaxBytes) return null;
        await using var stream = await content.OpenAsync(document.Sha256, cancellationToken);
        var bytes = new byte[document.Length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return new(document.MediaType, bytes);
    }

    private async Task<PagePicture?> DrawPdfAsync(DocumentRef document, int page, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("dox-page-");
        try
        {
            var source = Path.Combine(folder.FullName, "page.pdf");
            await using (var stream = await content.OpenAsync(document.Sha256, cancellationToken))
            await using (var file = File.Create(source))
            {
                await stream.CopyToAsync(file, cancellationToken);
            }

            var number = page.ToString(CultureInfo.InvariantCulture);
            var pixels = options.Value.Pixels.ToString(CultureInfo.InvariantCulture);
            string[] arguments = ["-q", "-f", number, "-l", number, "-singlefile", "-cropbox", "-jpeg", "-jpegopt", "quality=75", "-scale-to", pixels, source, Path.Combine(folder.FullName, "page")];
            var run = await ToolRun.RunAsync(_pdftoppm!, arguments, folder.FullName, options.Value.DrawingTime, 1_024, cancellationToken);
            var drawn = new FileInfo(Path.Combine(folder.FullName, "page.jpg"));
            if (run.ExitCode == 0 && drawn is { Exists: true, Length: > 0 and <= MaxBytes }) return new(MediaTypes.Jpeg, await File.ReadAllBytesAsync(drawn.FullName, cancellationToken));
            log.LogInformation("pdftoppm drew no picture of page {Page} of {DocumentId}: exit code {ExitCode}", page, document.Id, run.ExitCode);
            return null;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
