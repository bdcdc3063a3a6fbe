using Dox.DocumentReading;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using MediatR;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class ShowPageHandler(TemplateMatchingDbContext db, DocumentTexts texts, TemplateCatalog catalog) : IRequestHandler<ShowPage, PageView>
{
    public async Task<PageView> Handle(ShowPage request, CancellationToken cancellationToken)
    {
        var text = await texts.ReadAsync(request.Document, cancellationToken);
        if (text.Outcome != ReadingOutcome.Ok) return new(0, 0, 0, 0, [], [], $"Its text couldn't be read ({text.Code}): {text.Message}");
        if (text.Pages.FirstOrDefault(p => p.Number == request.Page) is not { Width: > 0, Height: > 0 } page) return new(text.PageCount, 0, 0, 0, [], []);
        var recognition = (await db.Recognitions.LatestOfAsync(request.Document.Id, cancellationToken))?.Read();
        var marks = recognition is null ? [] : Anchors(recognition, text, request.Page).Concat(Fields(recognition, request.Page)).ToList();
        return new(text.PageCount, page.Width, page.Height, page.Turned, [.. page.Words.Select(w => new PageViewWord(w.Text, [w.Box.X, w.Box.Y, w.Box.W, w.Box.H]))], marks);
    }

    // Of the template as it is now: what a person is to judge is whether it fits
    private IEnumerable<PageMark> Anchors(RecognitionRecord recognition, DocumentText text, int page)
    {
        if (recognition.TemplateMatched is not { } match || catalog.Current.Find(match.TemplateId) is not { } template) return [];
        var words = DocumentWords.Of(text);
        return Alignment.Of(template, words).Anchors.Where(a => a is { Found: true, Place: not null } && a.Place.Page == page)
            .Select(a => new PageMark(PageMarkKind.Anchor, a.Anchor.Text.Text, null, Math.Round(a.Agreement, 3), words.Fractions(page, a.Place!.Box)));
    }

    private static IEnumerable<PageMark> Fields(RecognitionRecord recognition, int page) => recognition.FieldMappings
        .Where(f => f.Value is { Box: { Count: 4 } } && f.Value.Page == page)
        .Select(f => new PageMark(PageMarkKind.Field, f.Key, f.Value.Value, f.Value.Confidence, f.Value.Box!));
}
