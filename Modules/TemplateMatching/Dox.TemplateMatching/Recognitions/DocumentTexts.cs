using Dox.DocumentReading;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Reading;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Recognitions;

/// <summary>Reads the words of accepted documents, in the child processes; those of pictures are recognised optically.</summary>
internal sealed class DocumentTexts(IContentStore content, DocumentReaderPool readers, OpticalReader optical, IOptions<TemplateMatchingOptions> options)
{
    /// <exception cref="DoxException">404 without such content; 503 while no child can be started.</exception>
    public Task<DocumentText> ReadAsync(DocumentRef document, CancellationToken cancellationToken) =>
        ReadAsync(document, token => content.OpenAsync(document.Sha256, token), isOptical: true, cancellationToken);

    /// <summary>Reads what is staged as that document, was checked, and isn't accepted.</summary>
    /// <param name="document">As it is staged.</param>
    /// <param name="isOptical">Whether words of pictures are recognised.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="DoxException">404 without such content; 503 while no child can be started.</exception>
    public Task<DocumentText> ReadStagedAsync(DocumentRef document, bool isOptical, CancellationToken cancellationToken) =>
        ReadAsync(document, token => content.OpenStagedAsync(document.Id, token), isOptical, cancellationToken);

    private async Task<DocumentText> ReadAsync(DocumentRef document, Func<CancellationToken, Task<Stream>> open, bool isOptical, CancellationToken cancellationToken)
    {
        using var activity = TemplateMatchingTelemetry.Source.StartActivity("read text");
        activity?.SetTag("document.id", document.Id.ToString());
        await using var stream = await open(cancellationToken);
        var text = await ReadAsync(stream, document, cancellationToken);
        activity?.SetTag("outcome", text.Code);
        return isOptical && text is { IsOk: true, NeedsOcr: true } ? await optical.ReadAsync(document, text, open, cancellationToken) : text;
    }

    private async Task<DocumentText> ReadAsync(Stream stream, DocumentRef document, CancellationToken cancellationToken)
    {
        try
        {
            var limits = new TextLimits { MaxPages = options.Value.MaxPages, MaxWords = options.Value.MaxWords, MaxBytes = Math.Max(document.Length, 1) };
            return await readers.ReadTextAsync(stream, document.Length, document.MediaType, limits, cancellationToken);
        }
        catch (DocumentReaderUnavailableException e)
        {
            throw DoxException.Unavailable("document_reader_unavailable", "Documents can't be opened at the moment.", e);
        }
    }
}
