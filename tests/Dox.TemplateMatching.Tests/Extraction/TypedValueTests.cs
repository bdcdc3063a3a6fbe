using CsCheck;
using Dox.TemplateMatching.Extraction;

namespace Dox.TemplateMatching.Tests.Extraction;

[TestFixture]
public sealed class TypedValueTests
{
    [TestCase("3.748,73 €", "de-DE", "3748.73")]
    [TestCase("1.000,00", "de-DE", "1000.00")]
    [TestCase("1000,00$", "de-DE", "1000.00")]
    [TestCase("EUR 12,50", "de-DE", "12.50")]
    [TestCase("12,50EUR", "de-DE", "12.50")]
    [TestCase("-45,00 €", "de-DE", "-45.00")]
    [TestCase("45,00- €", "de-DE", "-45.00")]
    [TestCase("1.234.567,89", "de-DE", "1234567.89")]
    [TestCase("19 % Umsatzsteuer 598,54 €", "de-DE", "598.54")]
    [TestCase("19% 598,54 €", "de-DE", "598.54")]
    [TestCase("£ 2,902.26", "en-GB", "2902.26")]
    [TestCase("$1,234.50", "en-US", "1234.50")]
    [TestCase("($1,234.50)", "en-US", "-1234.50")]
    [TestCase("1 234,56 €", "fr-FR", "1234.56")]
    [TestCase("1\u00A0234,56", "fr-FR", "1234.56")]
    [TestCase("CHF 1'234.50", "de-CH", "1234.50")]
    [TestCase("1,234.56", null, "1234.56")]
    [TestCase("1.234,56", null, "1234.56")]
    [TestCase("99.95", null, "99.95")]
    [TestCase("Summe: 7,00.", "de-DE", "7.00")]
    public void Amounts_are_read_as_their_locale_writes_them(string text, string? locale, string expected) =>
        Assert.That(TypedValue.Find(FieldType.Money, text, ValueConventions.Of(locale))?.Value, Is.EqualTo(expected));

    [TestCase("02.11.2026")]
    [TestCase("RE-2026-52255")]
    [TestCase("040/66969")]
    [TestCase("abc")]
    [TestCase("€")]
    [TestCase("1.2.3,4")]
    [TestCase("1,2,3")]
    public void What_is_no_amount_is_not_taken_for_one(string text) =>
        Assert.That(TypedValue.Find(FieldType.Money, text, ValueConventions.Of("de-DE")), Is.Null);

    [Test]
    public void A_number_that_can_be_read_two_ways_is_unsure()
    {
        Assert.That(TypedValue.Find(FieldType.Number, "1.234", ValueConventions.Unknown)!.Certainty, Is.LessThan(0.7));
        Assert.That(TypedValue.Find(FieldType.Number, "1.234", ValueConventions.Of("de-DE")), Is.EqualTo(new TypedValue("1234", 0, 5, 1)));
        Assert.That(TypedValue.Find(FieldType.Number, "1.234", ValueConventions.Of("en-GB")), Is.EqualTo(new TypedValue("1.234", 0, 5, 1)));
        Assert.That(TypedValue.Find(FieldType.Money, "1000.50", ValueConventions.Of("de-DE"))!.Certainty, Is.LessThan(0.7), "not as Germans write it");
    }

    [Test]
    public void Every_amount_survives_being_written_in_German() => Gen.Decimal[-9_999_999m, 9_999_999m].Sample(
        amount =>
        {
            var rounded = decimal.Round(amount, 2) + 0.00m;
            var text = rounded.ToString("#,##0.00", new System.Globalization.NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." });
            return TypedValue.Find(FieldType.Money, $"Betrag {text} €", ValueConventions.Of("de-DE")) is { } value
                && decimal.Parse(value.Value, System.Globalization.CultureInfo.InvariantCulture) == rounded;
        });

    [TestCase("02.11.2026", "de-DE", "2026-11-02")]
    [TestCase("2.1.26", "de-DE", "2026-01-02")]
    [TestCase("vom 12. März 2026", "de-DE", "2026-03-12")]
    [TestCase("1. Mai 2026", "de-DE", "2026-05-01")]
    [TestCase("08/11/2026", "en-GB", "2026-11-08")]
    [TestCase("08/11/2026", "en-US", "2026-08-11")]
    [TestCase("25/12/2026", null, "2026-12-25")]
    [TestCase("12 March 2026", "en-GB", "2026-03-12")]
    [TestCase("March 12, 2026", "en-US", "2026-03-12")]
    [TestCase("Sept. 3rd, 2026", "en-US", "2026-09-03")]
    [TestCase("le 14 juillet 2026", "fr-FR", "2026-07-14")]
    [TestCase("2026-11-02T10:00", null, "2026-11-02")]
    [TestCase("15.03.99", "de-DE", "1999-03-15")]
    public void Dates_are_read_as_their_locale_writes_them(string text, string? locale, string expected) =>
        Assert.That(TypedValue.Find(FieldType.Date, text, ValueConventions.Of(locale))?.Value, Is.EqualTo(expected));

    [TestCase("31.02.2026")]
    [TestCase("99.99.9999")]
    [TestCase("1.234.567")]
    [TestCase("12 apples 2026")]
    [TestCase("ABC12-11-2026X")]
    public void What_is_no_date_is_not_taken_for_one(string text) =>
        Assert.That(TypedValue.Find(FieldType.Date, text, ValueConventions.Of("de-DE")), Is.Null);

    [Test]
    public void A_date_that_can_be_read_two_ways_is_unsure() =>
        Assert.That(TypedValue.Find(FieldType.Date, "08/11/2026", ValueConventions.Unknown)!.Certainty, Is.LessThan(0.7));

    [TestCase("IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX", "DE89370400440532013000")]
    [TestCase("GB82WEST12345698765432", "GB82WEST12345698765432")]
    [TestCase("FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606")]
    public void An_iban_is_found_and_proven(string text, string expected)
    {
        var found = TypedValue.Find(FieldType.Iban, text, ValueConventions.Unknown)!;
        Assert.That((found.Value, found.Certainty), Is.EqualTo((expected, 1.0)));
    }

    [Test]
    public void An_iban_with_a_wrong_digit_is_hardly_believed() =>
        Assert.That(TypedValue.Find(FieldType.Iban, "DE89 3704 0044 0532 0130 01", ValueConventions.Unknown)!.Certainty, Is.LessThan(0.5));

    [TestCase("USt-IdNr. DE123456788", "DE123456788", 1.0)]
    [TestCase("DE 123 456 788", "DE123456788", 1.0)]
    [TestCase("DE123456789", "DE123456789", 0.4)]
    [TestCase("ATU12345678", "ATU12345678", 1.0)]
    [TestCase("NL123456789B01", "NL123456789B01", 1.0)]
    public void Vat_ids_are_read_by_their_countrys_form(string text, string expected, double certainty)
    {
        var found = TypedValue.Find(FieldType.VatId, text, ValueConventions.Unknown)!;
        Assert.That((found.Value, found.Certainty), Is.EqualTo((expected, certainty)));
    }

    [TestCase(": RE-2026-52255", "RE-2026-52255")]
    [TestCase("No. 4711,", "4711")]
    [TestCase("Muster", "Muster")]
    public void An_id_is_the_first_word_with_a_digit(string text, string expected) =>
        Assert.That(TypedValue.Find(FieldType.Id, text, ValueConventions.Unknown)!.Value, Is.EqualTo(expected));

    [Test]
    public void No_text_makes_a_parser_fail() => Gen.Select(Gen.Int[0, FieldTypes.ByName.Count - 1].Select(i => (FieldType)i), Gen.String[Gen.Char["0123456789.,-/ €%ABDEGmärz()'\u00A0\n"], 0, 60])
        .Sample((type, text) => TypedValue.Find(type, text, ValueConventions.Of("de-DE")) is not { } value
            || (value.Start >= 0 && value.Length > 0 && value.Start + value.Length <= text.Length && value.Certainty is > 0 and <= 1));
}
