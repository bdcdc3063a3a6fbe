using System.Runtime.InteropServices;
using Dox.DocumentReading;

namespace Dox.TemplateMatching.Learning;

/// <summary>Places in whole ten-thousandths of the page, summed.</summary>
internal sealed class LearnedPlaces
{
    private const double Unit = 10_000;

    public long X { get; set; }

    public long Y { get; set; }

    public long XX { get; set; }

    public long YY { get; set; }

    public void Count(double x, double y, int sign)
    {
        var (ux, uy) = (InUnits(x), InUnits(y));
        X += sign * ux;
        Y += sign * uy;
        XX += sign * ux * ux;
        YY += sign * uy * uy;
    }

    public (double Mean, double Spread) Across(int count) => MeanAndSpread(X, XX, count);

    public (double Mean, double Spread) Down(int count) => MeanAndSpread(Y, YY, count);

    // A page's fractions lie from 0 to 1; what a broken file says beyond that must not overflow the sums.
    private static long InUnits(double fraction) => (long)Math.Round(Math.Clamp(fraction, -10, 10) * Unit);

    private static (double Mean, double Spread) MeanAndSpread(long sum, long squares, int count)
    {
        var mean = (double)sum / count;
        return (mean / Unit, Math.Sqrt(Math.Max(0, (double)squares / count - mean * mean)) / Unit);
    }
}

/// <summary>A word that may be an anchor: where it stood, and what stood beside and under it.</summary>
internal sealed class LearnedToken
{
    public int Page { get; init; }

    public int Samples { get; set; }

    public LearnedPlaces Places { get; init; } = new();

    /// <summary>Its height in percent of the usual on its page, summed.</summary>
    public long Heights { get; set; }

    /// <summary>Samples by how it is written.</summary>
    public SortedDictionary<string, int> Written { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Samples by the key of the word before it, in the same text.</summary>
    public SortedDictionary<string, int> Before { get; init; } = new(StringComparer.Ordinal);

    public LearnedSlot Right { get; init; } = new();

    public LearnedSlot Below { get; init; } = new();

    public void Count(SampleToken token, int sign)
    {
        Samples += sign;
        Places.Count(token.X, token.Y, sign);
        Heights += sign * token.Height;
        Tally.Add(Written, token.Written, sign);
        if (token.Before is { } before) Tally.Add(Before, before, sign);
        if (token.Right is { } right) Right.Count(right, sign);
        if (token.Below is { } below) Below.Count(below, sign);
    }
}

/// <summary>What stood at a place beside a label: kinds of values, and whether they differ. The values themselves aren't kept, but hashes of them.</summary>
internal sealed class LearnedSlot
{
    /// <summary>Samples by type of value, as templates name it.</summary>
    public SortedDictionary<string, int> Types { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Samples by a hash of the value.</summary>
    public SortedDictionary<uint, int> Values { get; init; } = [];

    /// <summary>Samples by the locale that an amount was written in.</summary>
    public SortedDictionary<string, int> Locales { get; init; } = new(StringComparer.Ordinal);

    public int Samples => Types.Sum(t => t.Value);

    public void Count(SampleValue value, int sign)
    {
        Tally.Add(Types, value.Type, sign);
        Tally.Add(Values, value.Hash, sign);
        if (value.Locale is { } locale) Tally.Add(Locales, locale, sign);
    }
}

/// <summary>A form field by its types and places.</summary>
internal sealed class LearnedFormField
{
    public int Samples { get; set; }

    public SortedDictionary<string, int> Types { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Samples by page; those without are left out.</summary>
    public SortedDictionary<int, int> Pages { get; init; } = [];

    /// <summary>Of those that have a place.</summary>
    public LearnedPlaces Places { get; init; } = new();

    public int Placed { get; set; }

    public void Count(FormField field, int sign)
    {
        Samples += sign;
        Tally.Add(Types, field.Type, sign);
        if (field is not { Page: { } page, Box: { } box }) return;
        Tally.Add(Pages, page, sign);
        Placed += sign;
        Places.Count(box.X, box.Y + box.H / 2, sign);
    }
}

/// <summary>A value as far as it is remembered.</summary>
/// <param name="Type">As templates name it.</param>
/// <param name="Hash">Tells values apart.</param>
/// <param name="Locale">That an amount was written in, where that shows.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SampleValue(string Type, uint Hash, string? Locale);
