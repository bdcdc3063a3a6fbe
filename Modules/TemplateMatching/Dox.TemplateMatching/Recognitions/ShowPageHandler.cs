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
        var marks = recognition is null ? [] : Anchors(recognition, text, page).Concat(Fields(recognition, request.Page)).ToList();
        return new(text.PageCount, page.Width, page.Height, page.Turned, [.. page.Words.Select(w => new PageViewWord(w.Text, [w.Box.X, w.Box.Y, w.Box.W, w.Box.H]))], marks);
    }

    // Of the template as it is now, the likeliest where none is proposed: what a person is to judge is whether it fits
    private IEnumerable<PageMark> Anchors(RecognitionRecord recognition, DocumentText text, PageText page)
    {
        if ((recognition.TemplateMatched?.TemplateId ?? recognition.Evidence?.TemplateId) is not { } id || catalog.Current.Find(id) is not { } template) return [];
        var words = DocumentWords.Of(text);
        var fit = Alignment.Of(template, words);
        return fit.Anchors.Where(a => a.Anchor.Page == page.Number)
            .Select(a => a is { Found: true, Place: { } place }
                ? new PageMark(PageMarkKind.Anchor, a.Anchor.Text.Text, null, Math.Round(a.Agreement, 3), words.Fractions(page.Number, place.Box))
                : Missing(a, fit, page))
            .OfType<PageMark>();
    }

    // Where its words would stand, about as large as the page's others; null where the template doesn't say where
    private static PageMark? Missing(AnchorFit anchor, Alignment fit, PageText page)
    {
        if (anchor.Anchor is not { X: { } across, Y: { } down } || page.Words.Count == 0) return null;
        var x = across + fit.Offset.X + (fit.ScaleX - 1) * (across - 0.5);
        var y = down + fit.Offset.Y + (fit.ScaleY - 1) * (down - 0.5);
        var letter = Median(page.Words.Select(w => w.Box.W / Math.Max(1, w.Text.Length)));
        var height = Median(page.Words.Select(w => w.Box.H));
        double[] box = [x, y - height / 2, letter * anchor.Anchor.Text.Text.Length, height];
        return new PageMark(PageMarkKind.Missing, anchor.Anchor.Text.Text, null, Math.Round(anchor.Agreement, 3), [.. box.Select(v => Math.Round(Math.Clamp(v, 0, 1), 4))]);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static IEnumerable<PageMark> Fields(RecognitionRecord recognition, int page) => recognition.FieldMappings
        .Where(f => f.Value is { Box: { Count: 4 } } && f.Value.Page == page)
        .Select(f => new PageMark(PageMarkKind.Field, f.Key, f.Value.Value, f.Value.Confidence, f.Value.Box!));
}
