using Dox.TemplateMatching.Contracts;
using MediatR;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class AnalyzePdfStructureHandler(DocumentTexts texts) : IRequestHandler<AnalyzePdfStructure, PdfStructure>
{
    public async Task<PdfStructure> Handle(AnalyzePdfStructure request, CancellationToken cancellationToken)
    {
        var text = await texts.ReadAsync(request.Document, cancellationToken);
        return new(
            text.IsOk, text.Code, text.PageCount, text.HasText, text.NeedsOcr, text.Pages.Sum(p => p.Words.Count), [.. text.Fields.Select(f => f.Name)],
            text.Pages.Sum(p => p.HorizontalLines + p.VerticalLines), text.Pages.Sum(p => p.Images), text.Producer, text.Truncated);
    }
}
