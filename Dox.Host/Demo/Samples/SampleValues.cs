using System.Globalization;
using System.Numerics;

namespace Dox.Host.Demo.Samples;

/// <summary>Values that are fictional on purpose: reserved domains and telephone numbers, and account numbers as documentation uses them.</summary>
internal static class SampleValues
{
    // The process runs without cultures (InvariantGlobalization), so German numbers are spelt out.
    private static readonly NumberFormatInfo German = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };

    public static string Euro(decimal amount) => amount.ToString("#,##0.00", German) + " €";

    public static string GermanDate(DateOnly date) => date.ToString("dd.MM.yyyy", CultureInfo.InvariantCulture);

    public static T Pick<T>(this Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    /// <summary>An IBAN with a right checksum, in groups of four.</summary>
    public static string Iban(string country, string account)
    {
        var digits = string.Concat((account + country + "00").Select(c => char.IsAsciiLetter(c) ? (c - 'A' + 10).ToString(CultureInfo.InvariantCulture) : c.ToString()));
        var check = 98 - (int)(BigInteger.Parse(digits, CultureInfo.InvariantCulture) % 97);
        var iban = $"{country}{check:00}{account}";
        return string.Join(' ', iban.Chunk(4).Select(group => new string(group)));
    }
}
