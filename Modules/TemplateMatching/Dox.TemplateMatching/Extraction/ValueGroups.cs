using System.Globalization;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Makes one value of several.</summary>
internal static class ValueGroups
{
    /// <param name="group">Which counts.</param>
    /// <param name="values">At least one, as they stand.</param>
    public static ExtractedField Pick(ValueGroup group, IReadOnlyList<ExtractedField> values) => group switch
    {
        ValueGroup.First => values[0],
        ValueGroup.Last => values[^1],
        ValueGroup.Min => Ordered(values)[0],
        ValueGroup.Max => Ordered(values)[^1],
        ValueGroup.Sum => Sum(values),
        ValueGroup.Join => Together(values, " ") with { Values = null },
        _ => All(values),
    };

    private static ExtractedField All(IReadOnlyList<ExtractedField> values)
    {
        var different = values.DistinctBy(v => v.Value, StringComparer.Ordinal).ToList();
        return different.Count == 1 ? different[0] : Together(different, "\n");
    }

    private static ExtractedField Together(IReadOnlyList<ExtractedField> values, string between) => values[0] with
    {
        Value = string.Join(between, values.Select(v => v.Value)),
        Raw = string.Join(between, values.Select(v => v.Raw)),
        Confidence = values.Min(v => v.Confidence),
        Values = [.. values.Select(v => v.Value)],
    };

    private static ExtractedField Sum(IReadOnlyList<ExtractedField> values)
    {
        if (values.Count == 1 || !values.All(v => Number(v) is not null)) return values[0];
        try
        {
            var sum = values.Sum(v => Number(v)!.Value);
            return Together(values, " + ") with { Value = sum.ToString(CultureInfo.InvariantCulture), Values = null };
        }
        catch (OverflowException)
        {
            return values[0] with { Confidence = 0 };
        }
    }

    // Dates in ISO 8601 have the order of their text.
    private static IReadOnlyList<ExtractedField> Ordered(IReadOnlyList<ExtractedField> values) => values.All(v => Number(v) is not null)
        ? [.. values.OrderBy(v => Number(v))]
        : [.. values.OrderBy(v => v.Value, StringComparer.Ordinal)];

    private static decimal? Number(ExtractedField field) =>
        decimal.TryParse(field.Value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
