using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Finds the words that stand where a field says: beside, under or between labels, or in a region.</summary>
internal sealed class Relations
{
    private const double NearCertainty = 0.97;
    private const double RegionCertainty = 0.90;
    private const double AnywhereCertainty = 0.85;
    private const int MaxPlacesOfLabel = 10;

    private readonly DocumentWords _document;
    private readonly Alignment _alignment;
    private readonly Dictionary<Phrase, List<Occurrence>> _labels = [];
    private readonly HashSet<PlacedWord> _labelWords = [];

    public Relations(TemplateDefinition template, DocumentWords document, Alignment alignment)
    {
        (_document, _alignment) = (document, alignment);
        foreach (var phrase in template.Fields.SelectMany(f => f.Near.Concat(f.Until)).Distinct()) _labels[phrase] = PlacesOf(phrase);

        // Where another label stands, a value ends; the same words inside running text don't count.
        _labelWords.UnionWith(_labels.Values.SelectMany(places => places).Where(p => p.StartsText(document)).SelectMany(p => p.Words));
        _labelWords.UnionWith(alignment.Anchors.Where(a => a is { Found: true, Anchor.X: not null, Anchor.Y: not null }).SelectMany(a => a.Place!.Words));
    }

    /// <summary>The places where the field's value may be, likeliest first.</summary>
    public IEnumerable<FoundText> Of(FieldDefinition field) => field.Where switch
    {
        FieldPlace.Region => [InRegion(field)],
        FieldPlace.Regex when field.Near.Count == 0 => [new(_document.Words.Where(w => field.Page is null || w.Page == field.Page), null, AnywhereCertainty)],
        _ => field.Near.SelectMany(label => _labels[label].Where(p => field.Page is null || p.Page == field.Page).Select(p => Beside(field, label, p))),
    };

    private FoundText Beside(FieldDefinition field, Phrase label, Occurrence place) => field.Where switch
    {
        FieldPlace.Below => new(Below(place, field.Lines), label, NearCertainty),
        FieldPlace.Between => new(Between(place, field.Until), label, NearCertainty),
        FieldPlace.Regex => new(_document.Words.Skip(place.Last.Position + 1).TakeWhile(w => w.Page == place.Page), label, AnywhereCertainty),
        _ => new(RightOf(place, field.Type == FieldType.Text), label, NearCertainty),
    };

    // Labels that start a text come first, and of those the one nearest to where the template's anchor of the same words should be.
    private List<Occurrence> PlacesOf(Phrase label)
    {
        var anchor = _alignment.Anchors.FirstOrDefault(a => a.Found && a.Anchor.Text.Equals(label))?.Place;
        return
        [
            .. Occurrence.Of(label, _document).Take(MaxPlacesOfLabel)
                .OrderByDescending(o => anchor is not null && o.First == anchor.First)
                .ThenByDescending(o => o.StartsText(_document))
                .ThenBy(o => o.First.Position),
        ];
    }

    private IEnumerable<PlacedWord> RightOf(Occurrence label, bool oneText)
    {
        PlacedWord? last = null;
        for (var position = label.Last.Position + 1; position < _document.Words.Count; position++)
        {
            var word = _document.Words[position];
            if (word.Line != label.Last.Line || _labelWords.Contains(word)) yield break;
            if (oneText && last is not null && !last.IsFollowedBy(word)) yield break;
            if (last is null && word.Token.Length == 0 && word.Text is ":" or "." or "-" or "–") continue;
            last = word;
            yield return word;
        }
    }

    private IEnumerable<PlacedWord> Below(Occurrence label, int lines)
    {
        var under = FirstUnder(label.Box, label.Page, label.Last.Line);
        for (var line = 0; line < lines && under is not null; line++)
        {
            var text = TextAround(under);
            if (text.Exists(_labelWords.Contains)) yield break;
            foreach (var word in text) yield return word;
            var box = text.Select(w => w.Box).Aggregate((a, b) => a.With(b));
            under = FirstUnder(new Rect(box.Left, box.Top, box.Left + 2 * under.Space, box.Bottom), label.Page, under.Line, closeness: 2);
        }
    }

    /// <summary>The nearest word under a box that it overlaps across.</summary>
    private PlacedWord? FirstUnder(Rect box, int page, int line, double closeness = 6)
    {
        for (var next = line + 1; next < _document.Lines.Count; next++)
        {
            foreach (var word in _document.Lines[next])
            {
                if (word.Page != page) return null;
                if (word.Box.Left > box.Right || word.Box.Right < box.Left || word.Box.Middle <= box.Middle) continue;
                var reach = closeness * Math.Max(box.Height, word.Box.Height);
                return word.Box.Top - box.Bottom <= reach ? word : null;
            }
        }

        return null;
    }

    private List<PlacedWord> TextAround(PlacedWord word)
    {
        var line = _document.Lines[word.Line];
        var first = line.IndexOf(word);
        var last = first;
        while (first > 0 && line[first - 1].IsFollowedBy(line[first])) first--;
        while (last + 1 < line.Count && line[last].IsFollowedBy(line[last + 1])) last++;
        return line[first..(last + 1)];
    }

    private IEnumerable<PlacedWord> Between(Occurrence label, IReadOnlyList<Phrase> until)
    {
        var end = until.SelectMany(u => _labels[u])
            .Where(o => o.First.Position > label.Last.Position && o.Page == label.Page)
            .MinBy(o => o.First.Position);
        return end is null ? [] : _document.Words.Skip(label.Last.Position + 1).Take(end.First.Position - label.Last.Position - 1);
    }

    private FoundText InRegion(FieldDefinition field)
    {
        var number = field.Page ?? 1;
        if (field.Region is not { } region || _document.Page(number) is not { } page) return new([], null, 0);
        var left = (region.X + _alignment.Offset.X) * page.Width;
        var top = (region.Y + _alignment.Offset.Y) * page.Height;
        var inside = _document.Words.Where(w => w.Page == number
            && w.Box.Middle >= top && w.Box.Middle <= top + region.H * page.Height
            && (w.Box.Left + w.Box.Right) / 2 >= left && (w.Box.Left + w.Box.Right) / 2 <= left + region.W * page.Width);
        return new(inside, null, RegionCertainty);
    }
}
