using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Dox.Orchestration.Webhooks;

/// <summary>The Standard Webhooks scheme: HMAC-SHA256 over id, time and body, each with a point between, in base64 behind <c>v1,</c>.</summary>
internal static class WebhookSignature
{
    public const string SecretPrefix = "whsec_";
    private const int SecretLength = 32;

    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretLength));

    /// <summary>One signature for each secret, with blanks between.</summary>
    public static string Of(string id, DateTimeOffset timestamp, string body, IEnumerable<string> secrets)
    {
        var content = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp.ToUnixTimeSeconds()}.{body}"));
        return string.Join(' ', secrets.Select(s => "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(s[SecretPrefix.Length..]), content))));
    }
}
