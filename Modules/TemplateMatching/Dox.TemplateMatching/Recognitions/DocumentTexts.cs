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
    public async Task<DocumentText> ReadAsync(DocumentRef document, CancellationToken cancellationToken)
    {
        using var activity = TemplateMatchingTelemetry.Source.StartActivity("read text");
        activity?.SetTag("document.id", document.Id.ToString());
        await using var stream = await content.OpenAsync(document.Sha256, cancellationToken);
        var text = await ReadAsync(stream, document, cancellationToken);
        activity?.SetTag("outcome", text.Code);
        return text is { IsOk: true, NeedsOcr: true } ? await optical.ReadAsync(document, text, cancellationToken) : text;
    }

    /// <summary>Reads what is staged as that document, and isn't accepted yet.</summary>
    /// <exception cref="DoxException">404 without such content; 503 while no child can be started.</exception>
    public async Task<DocumentText> ReadStagedAsync(DocumentRef document, CancellationToken cancellationToken)
    {
        await using var stream = await content.OpenStagedAsync(document.Id, cancellationToken);
        return await ReadAsync(stream, document, cancellationToken);
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
