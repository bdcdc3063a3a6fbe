using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;

namespace Dox.TemplateMatching.Unknown;

/// <summary>
/// What a document's layout is told by, and nothing else: a hash of 32 bits for each word without digits and about where it stands. Values have digits and
/// are left out; a name leaves a hash that many words share.
/// </summary>
internal static class LayoutFingerprint
{
    private const int Most = 1_000;
    private const double Cell = 0.05;
    private const double Alike = 0.5;
    private const int MinShared = 6;

    /// <summary>The first <see cref="Most"/> hashes, in order, each four bytes.</summary>
    public static byte[] Of(DocumentWords words)
    {
        var hashes = SampleToken.Of(words).Select(t => Hash($"{t.Key}@{Place(t.Y)}")).Distinct().Take(Most).Order().ToArray();
        return MemoryMarshal.AsBytes<uint>(hashes).ToArray();
    }

    /// <summary>How much of the smaller one is in the other, 0 to 1; null where they aren't alike.</summary>
    public static double? Likeness(byte[] one, byte[] other)
    {
        var a = MemoryMarshal.Cast<byte, uint>(one);
        var b = MemoryMarshal.Cast<byte, uint>(other);
        var (shared, i, j) = (0, 0, 0);
        while (i < a.Length && j < b.Length)
        {
            if (a[i] == b[j]) (shared, i, j) = (shared + 1, i + 1, j + 1);
            else if (a[i] < b[j]) i++;
            else j++;
        }

        var likeness = (double)shared / Math.Max(1, Math.Min(a.Length, b.Length));
        return shared >= MinShared && likeness >= Alike ? likeness : null;
    }

    private static string Place(double fraction) => ((int)Math.Round(fraction / Cell)).ToString(CultureInfo.InvariantCulture);

    private static uint Hash(string text) => BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
