using Dox.SharedKernel.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>
/// The SHA-256 that a sender promises: <c>X-Content-SHA256</c> of the file, <c>Content-Digest</c> (RFC 9530) of the body or part whose header it is.
/// </summary>
internal static class UploadDigests
{
    private const string ContentDigest = "Content-Digest";
    private const string FileHash = "X-Content-SHA256";

    /// <summary>The promised hash of the file as 64 lower-case digits; null for none.</summary>
    public static string? OfFile(IHeaderDictionary headers)
    {
        var value = headers[FileHash].ToString().Trim();
        if (value.Length == 0) return null;
        return value.Length == 64 && value.All(char.IsAsciiHexDigit)
            ? value.ToLowerInvariant()
            : throw Malformed($"{FileHash} must be 64 hexadecimal digits.");
    }

    /// <summary>The promised hash of the message or part that has these headers; null for none.</summary>
    public static string? OfContent(IDictionary<string, StringValues>? headers)
    {
        if (headers is null || !headers.TryGetValue(ContentDigest, out var values) || values.Count == 0) return null;
        foreach (var member in values.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!member.StartsWith("sha-256=", StringComparison.OrdinalIgnoreCase)) continue;
            var digest = member["sha-256=".Length..].Split(';')[0].Trim();
            var hash = new byte[32];
            return digest.Length > 2 && digest[0] == ':' && digest[^1] == ':'
                && Convert.TryFromBase64String(digest[1..^1], hash, out var length) && length == hash.Length
                ? Convert.ToHexStringLower(hash)
                : throw Malformed($"{ContentDigest} must have the form sha-256=:BASE64: with 32 bytes.");
        }

        // Taken as checked, an unknown algorithm would be worse than none
        throw DoxException.Invalid("digest_unsupported", $"{ContentDigest} is checked with sha-256 alone. Send that, or no digest.");
    }

    public static void Check(string? promised, string found, string what)
    {
        if (promised is null || promised == found) return;
        throw DoxException.Invalid("digest_mismatch", $"{what} didn't arrive as it was sent: its SHA-256 is {found}, and {promised} was promised. Send it again.");
    }

    private static DoxException Malformed(string message) => DoxException.Invalid("digest_malformed", message);
}
