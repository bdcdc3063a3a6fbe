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

/// <summary>A template laid over a document at the one offset, and scale, that most of its anchors, by weight, agree on.</summary>
internal sealed record Alignment(Offset Offset, IReadOnlyList<AnchorFit> Anchors)
{
    // A printer's margins and another program's fonts move words by less than a hundredth of the page; a twentieth is another place.
    private const double Full = 0.010;
    private const double None = 0.050;
    private const double MaxOffset = 0.25;
    private const double Cell = 0.01;
    private const double MinScale = 0.9;
    private const double MaxScale = 1.1;
    private const int MinToScale = 6;
    private const int MaxOccurrences = 200;
    private const int MaxPlaces = 12;
    private const int MaxVotes = 4_000;
    private const int MaxProposals = 4;

    /// <summary>Weight of the anchors by how well they agree, of all their weight: 0 to 1.</summary>
    public double Score { get; } = Anchors.Sum(a => a.Anchor.Weight * a.Agreement) / Anchors.Sum(a => a.Anchor.Weight);

    public int Found => Anchors.Count(a => a.Found);

    /// <summary>What the document's page is larger by than the template's, as printers do that fit a page.</summary>
    public double ScaleX { get; private init; } = 1;

    public double ScaleY { get; private init; } = 1;

    public static Alignment Of(TemplateDefinition template, DocumentWords document)
    {
        var places = template.Match.Anchors.Select(a => new AnchorPlaces(a, PlacesOf(a, document))).ToList();
        var best = Of(places, new(new(0, 0), 1, 1));
        foreach (var proposal in Proposals(places))
        {
            var refined = new Placement(Refined(places, proposal), 1, 1);
            best = Better(best, Of(places, new(proposal, 1, 1)));
            best = Better(best, Of(places, refined));
        }

        best = Better(best, Of(places, Scaled(places, Scaled(places, best.Placement))));
        var placement = best.Placement;
        return new(placement.Offset, [.. places.Select(p => p.Fit(placement))]) { ScaleX = placement.ScaleX, ScaleY = placement.ScaleY };
    }

    private static List<Place> PlacesOf(Anchor anchor, DocumentWords document)
    {
        var places = new List<Place>();
        foreach (var occurrence in Occurrence.Of(anchor.Text, document).Take(MaxOccurrences))
        {
            if (occurrence.Page != anchor.Page) continue;
            var (x, y) = document.Fraction(occurrence.First);
            places.Add(new(occurrence, new(anchor.X is { } ax ? x - ax : 0, anchor.Y is { } ay ? y - ay : 0)));
        }

        if (places.Count <= 1) return places;
        places.Sort((a, b) => a.Away.Size.CompareTo(b.Away.Size) is var order and not 0 ? order : a.Occurrence.First.Position.CompareTo(b.Occurrence.First.Position));
        return places.Count > MaxPlaces ? places[..MaxPlaces] : places;
    }

    // Each place of each anchor votes for the offset that would put it right; where votes crowd, the page lies.
    private static List<Offset> Proposals(List<AnchorPlaces> places)
    {
        var votes = new Dictionary<(int X, int Y), double>();
        var counted = 0;
        foreach (var p in places)
        {
            if (p.Anchor is not { X: not null, Y: not null }) continue;
            foreach (var place in p.Places)
            {
                if (place.Away.Size > MaxOffset || ++counted > MaxVotes) continue;
                var cell = ((int)Math.Round(place.Away.X / Cell), (int)Math.Round(place.Away.Y / Cell));
                CollectionsMarshal.GetValueRefOrAddDefault(votes, cell, out _) += p.Anchor.Weight / p.Places.Count;
            }
        }

        return
        [
            .. votes.Keys.Select(c => (Offset: new Offset(c.X * Cell, c.Y * Cell), Votes: Around(votes, c)))
                .OrderByDescending(c => c.Votes).ThenBy(c => c.Offset.Size).ThenBy(c => c.Offset.X).ThenBy(c => c.Offset.Y)
                .Take(MaxProposals).Select(c => c.Offset),
        ];
    }

    private static double Around(Dictionary<(int X, int Y), double> votes, (int X, int Y) cell)
    {
        var sum = 0.0;
        for (var x = cell.X - 1; x <= cell.X + 1; x++)
        {
            for (var y = cell.Y - 1; y <= cell.Y + 1; y++) sum += votes.GetValueOrDefault((x, y));
        }

        return sum;
    }

    private static (Placement Placement, double Agreement) Of(List<AnchorPlaces> places, Placement placement) =>
        (placement, places.Sum(p => p.Anchor.Weight * p.BestAt(placement).Agreement));

    // Of two that say as much, the smaller offset: so the outcome doesn't hang on the order of anchors or words.
    private static (Placement Placement, double Agreement) Better((Placement Placement, double Agreement) one, (Placement Placement, double Agreement) other) =>
        other.Agreement > one.Agreement + 1e-9 || (other.Agreement > one.Agreement - 1e-9 && other.Placement.Offset.Size < one.Placement.Offset.Size) ? other : one;

    // The mean of those that agree: a single word's own deviation shouldn't count against all the others.
    private static Offset Refined(List<AnchorPlaces> places, Offset offset)
    {
        var (x, y, weight) = (0.0, 0.0, 0.0);
        foreach (var p in places)
        {
            if (p.Anchor is not { X: not null, Y: not null } || p.BestAt(new(offset, 1, 1)) is not { Place: { } place, Agreement: > 0.5 }) continue;
            (x, y, weight) = (x + p.Anchor.Weight * place.Away.X, y + p.Anchor.Weight * place.Away.Y, weight + p.Anchor.Weight);
        }

        return weight > 0 ? new(x / weight, y / weight) : offset;
    }

    private static Placement Scaled(List<AnchorPlaces> places, Placement placement)
    {
        var (across, down) = (new Line(), new Line());
        foreach (var p in places)
        {
            if (p.Anchor is not { X: { } x, Y: { } y } || p.BestAt(placement) is not { Place: { } place, Agreement: > 0 }) continue;
            across.Add(x - 0.5, place.Away.X, p.Anchor.Weight);
            down.Add(y - 0.5, place.Away.Y, p.Anchor.Weight);
        }

        if (across.Count < MinToScale) return placement;
        var (atX, scaleX) = across.Fit(placement.Offset.X);
        var (atY, scaleY) = down.Fit(placement.Offset.Y);
        return new(new(atX, atY), Math.Clamp(scaleX, MinScale, MaxScale), Math.Clamp(scaleY, MinScale, MaxScale));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Placement(Offset Offset, double ScaleX, double ScaleY);

    /// <summary>Weighted least squares of how far words are away, by where they should be.</summary>
    private sealed class Line
    {
        private double _w;
        private double _x;
        private double _y;
        private double _xx;
        private double _xy;

        public int Count { get; private set; }

        public void Add(double x, double y, double weight)
        {
            Count++;
            (_w, _x, _y, _xx, _xy) = (_w + weight, _x + weight * x, _y + weight * y, _xx + weight * x * x, _xy + weight * x * y);
        }

        public (double At, double Scale) Fit(double at)
        {
            var spread = _xx - _x * _x / _w;
            if (spread < 0.005 * _w) return (at, 1);
            var slope = (_xy - _x * _y / _w) / spread;
            return ((_y - slope * _x) / _w, 1 + slope);
        }
    }

    private sealed record Place(Occurrence Occurrence, Offset Away);

    private sealed record AnchorPlaces(Anchor Anchor, List<Place> Places)
    {
        public (Place? Place, double Agreement) BestAt(Placement placement)
        {
            (Place? Place, double Agreement) best = (null, 0);
            foreach (var place in Places)
            {
                var agreement = AgreementOf(place.Away, placement);
                if (best.Place is null || agreement > best.Agreement) best = (place, agreement);
            }

            return best;
        }

        public AnchorFit Fit(Placement placement)
        {
            var (place, agreement) = BestAt(placement);
            return new(Anchor, place?.Occurrence, agreement);
        }

        private double AgreementOf(Offset away, Placement placement)
        {
            var x = Anchor.X is { } ax ? Math.Abs(away.X - placement.Offset.X - (placement.ScaleX - 1) * (ax - 0.5)) : 0;
            var y = Anchor.Y is { } ay ? Math.Abs(away.Y - placement.Offset.Y - (placement.ScaleY - 1) * (ay - 0.5)) : 0;
            return Math.Clamp((None - Math.Max(x, y)) / (None - Full), 0, 1);
        }
    }
}
