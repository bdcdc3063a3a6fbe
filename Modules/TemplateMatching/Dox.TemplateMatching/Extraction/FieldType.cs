namespace Dox.TemplateMatching.Extraction;

/// <summary>What kind of value a field holds.</summary>
internal enum FieldType
{
    /// <summary>Words as they stand.</summary>
    Text,

    /// <summary>One word, usually with digits: a number that names something.</summary>
    Id,

    Date,

    /// <summary>An amount; its currency's sign isn't part of the value.</summary>
    Money,

    Number,

    Iban,

    /// <summary>A VAT identification number.</summary>
    VatId,
}

internal static class FieldTypes
{
    public static IReadOnlyDictionary<string, FieldType> ByName { get; } = new Dictionary<string, FieldType>(StringComparer.Ordinal)
    {
        ["text"] = FieldType.Text,
        ["id"] = FieldType.Id,
        ["date"] = FieldType.Date,
        ["money"] = FieldType.Money,
        ["number"] = FieldType.Number,
        ["iban"] = FieldType.Iban,
        ["vat_id"] = FieldType.VatId,
    };

    public static string NameOf(FieldType type) => ByName.First(t => t.Value == type).Key;
}

/// <summary>A value that was read out of a text.</summary>
/// <param name="Value">Normalised.</param>
/// <param name="Start">Where its raw form starts in the text.</param>
/// <param name="Length">How long its raw form is.</param>
/// <param name="Certainty">That it was read right, 0 to 1.</param>
internal sealed record TypedValue(string Value, int Start, int Length, double Certainty)
{
    /// <summary>The first value of the type in the text; null where there is none.</summary>
    public static TypedValue? Find(FieldType type, string text, ValueConventions conventions) => type switch
    {
        FieldType.Text => TextValues.Text(text),
        FieldType.Id => TextValues.Id(text),
        FieldType.Date => DateValues.Find(text, conventions),
        FieldType.Money => NumberValues.Find(text, conventions, money: true),
        FieldType.Number => NumberValues.Find(text, conventions, money: false),
        FieldType.Iban => IbanValues.Find(text),
        FieldType.VatId => VatIdValues.Find(text),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
