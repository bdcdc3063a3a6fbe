namespace Dox.SharedKernel.Infrastructure.Configuration;

/// <summary>The key that an operator gives in <c>ENCRYPTION_KEY</c>. Each use derives a key of its own from it.</summary>
public static class EncryptionKey
{
    /// <summary>In bytes.</summary>
    public const int Length = 32;

    /// <summary>Reads it: 32 bytes as base64 or as 64 hexadecimal digits; null where it is neither.</summary>
    public static byte[]? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim();
        if (text.Length == 2 * Length && text.All(char.IsAsciiHexDigit)) return Convert.FromHexString(text);
        var bytes = new byte[Length + 2];
        return Convert.TryFromBase64String(text, bytes, out var read) && read == Length ? bytes[..Length] : null;
    }
}
