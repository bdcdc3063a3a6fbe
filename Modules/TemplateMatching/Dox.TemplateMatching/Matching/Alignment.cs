using System.Runtime.InteropServices;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Matching;

/// <summary>By how much a document's page is moved against the template's, as fractions of the page.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Offset(double X, double Y)
{
    public double Size => Math.Max(Math.Abs(X), Math.Abs(Y));
}

/// <summary>How an anchor fared.</summary>
/// <param name="Anchor">The anchor.</param>
/// <param name="Place">Where it stands best; null where its words are nowhere on its page.</param>
/// <param name="Agreement">How well its place agrees with the offset, 0 to 1.</param>
internal sealed record AnchorFit(Anchor Anchor, Occurrence? Place, double Agreement)
{
    /// <summary>It stands where it should.</summary>
    public bool Found => Agreement >= 0.5;
}

/// <summary>A template laid over a document at the one offset that most of its anchors, by weight, agree on.</summary>
internal sealed record Alignment(Offset Offset, IReadOnlyList<AnchorFit> Anchors)
{
    // A printer's margins and another program's fonts move words by less than a hundredth of the page; a twentieth is another place.
    private const double Full = 0.010;
    private const double None = 0.050;
    private const double MaxOffset = 0.25;
    private const int MaxOccurrences = 500;
    private const int MaxPlaces = 24;
    private const int MaxProposals = 48;

    /// <summary>Weight of the anchors by how well they agree, of all their weight: 0 to 1.</summary>
    public double Score => Anchors.Sum(a => a.Anchor.Weight * a.Agreement) / Anchors.Sum(a => a.Anchor.Weight);

    public int Found => Anchors.Count(a => a.Found);

    public static Alignment Of(TemplateDefinition template, DocumentWords document)
    {
        var places = template.Match.Anchors.Select(a => new AnchorPlaces(a, PlacesOf(a, document))).ToList();
        var offset = new Offset(0, 0);
        var best = Agreement(places, offset);
        foreach (var proposal in Proposals(places))
        {
            foreach (var candidate in (ReadOnlySpan<Offset>)[proposal, Refined(places, proposal)])
            {
                var agreement = Agreement(places, candidate);
                // Of two offsets that say as much, the smaller: so the outcome doesn't hang on the order of anchors or words.
                if (agreement < best - 1e-9 || (agreement < best + 1e-9 && candidate.Size >= offset.Size)) continue;
                (offset, best) = (candidate, agreement);
            }
        }

        return new(offset, [.. places.Select(p => p.Fit(offset))]);
    }

    private static IReadOnlyList<Place> PlacesOf(Anchor anchor, DocumentWords document) =>
    [
        .. Occurrence.Of(anchor.Text, document)
            .Where(o => o.Page == anchor.Page)
            .Take(MaxOccurrences)
            .Select(o =>
            {
                var (x, y) = document.Fraction(o.First);
                return new Place(o, new Offset(anchor.X is { } ax ? x - ax : 0, anchor.Y is { } ay ? y - ay : 0));
            })
            .OrderBy(p => p.Away.Size).ThenBy(p => p.Occurrence.First.Position)
            .Take(MaxPlaces),
    ];

    private static IEnumerable<Offset> Proposals(List<AnchorPlaces> places) => places
        .Where(p => p.Anchor is { X: not null, Y: not null } && p.Places.Count > 0)
        .OrderBy(p => p.Places.Count).ThenByDescending(p => p.Anchor.Weight)
        .SelectMany(p => p.Places)
        .Where(p => p.Away.Size <= MaxOffset)
        .Take(MaxProposals)
        .Select(p => p.Away);

    private static double Agreement(List<AnchorPlaces> places, Offset offset) => places.Sum(p => p.Anchor.Weight * p.BestAt(offset).Agreement);

    // The mean of those that agree: a single word's own deviation shouldn't count against all the others.
    private static Offset Refined(List<AnchorPlaces> places, Offset offset)
    {
        var (x, y, weight) = (0.0, 0.0, 0.0);
        foreach (var p in places)
        {
            if (p.Anchor is not { X: not null, Y: not null } || p.BestAt(offset) is not { Place: { } place, Agreement: > 0.5 }) continue;
            (x, y, weight) = (x + p.Anchor.Weight * place.Away.X, y + p.Anchor.Weight * place.Away.Y, weight + p.Anchor.Weight);
        }

        return weight > 0 ? new(x / weight, y / weight) : offset;
    }

    private sealed record Place(Occurrence Occurrence, Offset Away);

    private sealed record AnchorPlaces(Anchor Anchor, IReadOnlyList<Place> Places)
    {
        public (Place? Place, double Agreement) BestAt(Offset offset)
        {
            (Place? Place, double Agreement) best = (null, 0);
            foreach (var place in Places)
            {
                var agreement = AgreementOf(place.Away, offset);
                if (best.Place is null || agreement > best.Agreement) best = (place, agreement);
            }

            return best;
        }

        public AnchorFit Fit(Offset offset)
        {
            var (place, agreement) = BestAt(offset);
            return new(Anchor, place?.Occurrence, agreement);
        }

        private double AgreementOf(Offset away, Offset offset)
        {
            var x = Anchor.X is null ? 0 : Math.Abs(away.X - offset.X);
            var y = Anchor.Y is null ? 0 : Math.Abs(away.Y - offset.Y);
            return Math.Clamp((None - Math.Max(x, y)) / (None - Full), 0, 1);
        }
    }
}
