using Dox.DocumentReading;
using Dox.SharedKernel.Errors;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using MediatR;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class ExtractFieldsHandler(TemplateMatchingDbContext db, DocumentTexts texts, TemplateCatalog catalog)
    : IRequestHandler<ExtractFields, ExtractionResult>
{
    public async Task<ExtractionResult> Handle(ExtractFields request, CancellationToken cancellationToken)
    {
        using var activity = TemplateMatchingTelemetry.Source.StartActivity("extract fields");
        activity?.SetTag("document.id", request.Document.Id.ToString());
        activity?.SetTag("template.id", request.TemplateId);
        var template = catalog.Get(request.TemplateId);
        var result = Extract(template, await texts.ReadAsync(request.Document, cancellationToken));
        if (await db.Recognitions.LatestOfAsync(request.Document.Id, cancellationToken) is { } recognition)
        {
            recognition.Write(recognition.Read() with { FieldMappings = result.Fields });
            await db.SaveChangesAsync(cancellationToken);
        }

        return result;
    }

    // A picture that a person gave a template has fields too, only nobody can read them yet: all that is required is missing, and a person fills it in.
    public static ExtractionResult Extract(TemplateDefinition template, DocumentText text) => text switch
    {
        { Outcome: ReadingOutcome.Ok } => FieldExtractor.Extract(template, DocumentWords.Of(text)),
        _ => throw new DoxException(422, "text_unreadable", $"The document's text couldn't be read ({text.Code}): {text.Message}"),
    };
}
