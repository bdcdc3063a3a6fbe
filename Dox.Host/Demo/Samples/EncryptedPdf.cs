using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Dox.Host.Demo.Samples;

/// <summary>
/// A one-page PDF that opens with a password alone: the standard security handler of PDF 2.0 (ISO 32000-2, 7.6.4; V 5, R 6, AES-256).
/// Salts and key come from the seed: the sample hides nothing, and must be the same each time.
/// </summary>
internal static class EncryptedPdf
{
    public const string Password = "geheim";

    private const int Permissions = -44;

    public static byte[] Write(int seed, DateOnly date)
    {
        var random = new Random(seed);
        var key = Bytes(random, 32);
        var user = Hashes([], Password, key, random);
        var owner = Hashes(user.Verifier, "owner-" + Password, key, random);
        var body = Encrypt(key, Bytes(random, 16), Encoding.Latin1.GetBytes(Page(date)));
        var id = Convert.ToHexString(Bytes(random, 16));
        string[] objects =
        [
            "<</Type /Catalog /Pages 2 0 R>>",
            "<</Type /Pages /Kids [3 0 R] /Count 1>>",
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources <</Font <</F1 4 0 R>>>>>>",
            "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>",
            $"<</Length {body.Length}>>\nstream\n{Encoding.Latin1.GetString(body)}\nendstream",
            "<</Filter /Standard /V 5 /R 6 /Length 256 /CF <</StdCF <</CFM /AESV3 /AuthEvent /DocOpen /Length 32>>>> /StmF /StdCF /StrF /StdCF"
                + $" /P {Permissions} /U <{Hex(user.Verifier)}> /UE <{Hex(user.WrappedKey)}> /O <{Hex(owner.Verifier)}> /OE <{Hex(owner.WrappedKey)}>"
                + $" /Perms <{Hex(PermissionBlock(key, random))}>>>",
        ];

        var file = new StringBuilder("%PDF-2.0\n%âãÏÓ\n");
        var xref = new StringBuilder($"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        foreach (var (index, text) in objects.Index())
        {
            xref.Append(CultureInfo.InvariantCulture, $"{file.Length:0000000000} 00000 n \n");
            file.Append(CultureInfo.InvariantCulture, $"{index + 1} 0 obj\n{text}\nendobj\n");
        }

        var start = file.Length;
        file.Append(xref).Append(CultureInfo.InvariantCulture,
            $"trailer\n<</Size {objects.Length + 1} /Root 1 0 R /Encrypt 6 0 R /ID [<{id}> <{id}>]>>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(file.ToString());
    }

    private static string Page(DateOnly date) => $"""
        BT /F1 16 Tf 60 770 Td (Musterfirma GmbH) Tj ET
        BT /F1 12 Tf 60 735 Td (Entgeltabrechnung {date:MM/yyyy}) Tj
        0 -30 Td (Bruttolohn   3.120,00) Tj 0 -18 Td (Nettolohn   2.104,37) Tj ET
        """;

    /// <summary>A password's 48 bytes of hash and salts, and the file's key under that password (algorithms 8 and 9).</summary>
    private static (byte[] Verifier, byte[] WrappedKey) Hashes(byte[] userVerifier, string password, byte[] key, Random random)
    {
        var secret = Encoding.UTF8.GetBytes(password);
        var validationSalt = Bytes(random, 8);
        var keySalt = Bytes(random, 8);
        byte[] verifier = [.. Harden(secret, validationSalt, userVerifier), .. validationSalt, .. keySalt];
        using var aes = Aes.Create();
        aes.Key = Harden(secret, keySalt, userVerifier);
        return (verifier, aes.EncryptCbc(key, new byte[16], PaddingMode.None));
    }

    /// <summary>Algorithm 2.B: at least 64 rounds, until the last byte of a round is small enough.</summary>
    private static byte[] Harden(byte[] password, byte[] salt, byte[] userVerifier)
    {
        var k = SHA256.HashData([.. password, .. salt, .. userVerifier]);
        for (var round = 0; ; round++)
        {
            byte[] once = [.. password, .. k, .. userVerifier];
            var repeated = Enumerable.Repeat(once, 64).SelectMany(bytes => bytes).ToArray();
            using var aes = Aes.Create();
            aes.Key = k[..16];
            var e = aes.EncryptCbc(repeated, k[16..32], PaddingMode.None);
            k = (e.Take(16).Sum(b => b) % 3) switch
            {
                0 => SHA256.HashData(e),
                1 => SHA384.HashData(e),
                _ => SHA512.HashData(e),
            };
            if (round >= 63 && e[^1] <= round - 31)
                return k[..32];
        }
    }

    private static byte[] Encrypt(byte[] key, byte[] iv, byte[] plain)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        return [.. iv, .. aes.EncryptCbc(plain, iv)];
    }

    /// <summary>Algorithm 10.</summary>
    private static byte[] PermissionBlock(byte[] key, Random random)
    {
        byte[] block = [.. BitConverter.GetBytes(Permissions), 0xFF, 0xFF, 0xFF, 0xFF, .. "Tadb"u8, .. Bytes(random, 4)];
        using var aes = Aes.Create();
        aes.Key = key;
        return aes.EncryptEcb(block, PaddingMode.None);
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
}
