using System.Text;

namespace Dox.Testing.Servers;

/// <summary>The EICAR test file, which every scanner reports and which harms nothing.</summary>
public static class TestVirus
{
    // In parts, and put together when asked: a scanner must not find it in this repository or in the assembly
    private static readonly string[] Parts = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}", "EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!", "H+H*"];

    /// <summary>What ClamAV's reply names it by, in whatever database.</summary>
    public const string Name = "Eicar";

    /// <summary>The 68 bytes of the file.</summary>
    public static byte[] ToBytes() => Encoding.ASCII.GetBytes($"{Parts[0]}${Parts[1]}{Parts[2]}${Parts[3]}");

    /// <summary>A signature of a text that stands in no file.</summary>
    internal static string SignatureOfNothing => $"Nothing:0:*:{Convert.ToHexStringLower("There is no such text in any file."u8)}\n";

    /// <summary>A signature of it, in the format of ClamAV's .ndb files; found anywhere in a file.</summary>
    internal static string Signature => $"Eicar-Test-Signature:0:*:{Convert.ToHexStringLower(ToBytes())}\n";
}
