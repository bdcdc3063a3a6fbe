using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Matching;

/// <summary>
/// What stands where a template's title should. Another kind of document of the same sender looks the same, but for what is printed large.
/// </summary>
/// <param name="Doubt">0 where the title stands, or is but misread; 0.5 where nothing stands there; 1 where another word does.</param>
/// <param name="Words">What is wrong, in words; null where nothing is.</param>
internal sealed record Title(double Doubt, string? Words)
{
    private const double Across = 0.03;
    private const double Down = 0.012;
    private static readonly Title Stands = new(0, null);

    public static Title Of(Alignment alignment, DocumentWords document)
    {
        var title = Stands;
        foreach (var fit in alignment.Anchors)
        {
            if (fit.Found || fit.Anchor is not { Title: true, X: not null, Y: not null } anchor) continue;
            var there = At(alignment, anchor, document).ToList();
            if (there.Exists(w => IsMisread(w.Token, anchor.Text.Tokens[0]))) continue;
            if (there.Count > 0) return new(1, $"where its title says '{anchor.Text}', the document says '{there[0].Text}'");
            title = new(0.5, $"its title '{anchor.Text}' isn't there");
        }

        return title;
    }

    private static IEnumerable<PlacedWord> At(Alignment alignment, Anchor anchor, DocumentWords document)
    {
        var x = anchor.X!.Value + alignment.Offset.X + (alignment.ScaleX - 1) * (anchor.X.Value - 0.5);
        var y = anchor.Y!.Value + alignment.Offset.Y + (alignment.ScaleY - 1) * (anchor.Y.Value - 0.5);
        return document.OnPage(anchor.Page).Where(w =>
            w.Token.Length > 1 && document.Fraction(w) is var place && Math.Abs(place.X - x) <= Across && Math.Abs(place.Y - y) <= Down);
    }

    // One letter in four is another, at most.
    private static bool IsMisread(string read, string meant)
    {
        var allowed = Math.Max(1, Math.Max(read.Length, meant.Length) / 4);
        if (Math.Abs(read.Length - meant.Length) > allowed) return false;
        var row = Enumerable.Range(0, meant.Length + 1).ToArray();
        for (var i = 1; i <= read.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= meant.Length; j++)
            {
                var change = corner + (read[i - 1] == meant[j - 1] ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1] <= allowed;
    }
}
