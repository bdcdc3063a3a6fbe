using System.Security.Cryptography;
using System.Text;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Configuration;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Webhooks;

/// <summary>
/// Webhooks' secrets as the database holds them: encrypted with AES-GCM where <c>ENCRYPTION_KEY</c> is set, each bound to its webhook. Without a key they are kept as
/// they are: a key that this process made up no other replica, and no restore, would have.
/// </summary>
internal sealed class WebhookSecrets(IOptions<WebhookOptions> options)
{
    private const string Prefix = "sealed:";
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[]? _key = options.Value.EncryptionKey is { Length: > 0 } given
        ? HKDF.DeriveKey(HashAlgorithmName.SHA256, EncryptionKey.Parse(given)!, EncryptionKey.Length, salt: null, "dox webhooks v1"u8.ToArray())
        : null;

    /// <summary>What is kept of a secret.</summary>
    public string Seal(Id<Webhook> webhook, string secret)
    {
        if (_key is null) return secret;
        var plain = Convert.FromBase64String(secret[WebhookSignature.SecretPrefix.Length..]);
        var kept = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(kept.AsSpan(0, NonceLength));
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(kept.AsSpan(0, NonceLength), plain, kept.AsSpan(NonceLength, plain.Length), kept.AsSpan(NonceLength + plain.Length), Owner(webhook));
        return Prefix + Convert.ToBase64String(kept);
    }

    /// <summary>The secret; also one that was kept before there was a key.</summary>
    /// <exception cref="CryptographicException">It is sealed with another key, or of another webhook.</exception>
    public string Open(Id<Webhook> webhook, string kept)
    {
        if (!kept.StartsWith(Prefix, StringComparison.Ordinal)) return kept;
        if (_key is null) throw new CryptographicException("The webhook's secret is encrypted, and there is no ENCRYPTION_KEY.");
        var bytes = Convert.FromBase64String(kept[Prefix.Length..]);
        var plain = new byte[bytes.Length - NonceLength - TagLength];
        using var aes = new AesGcm(_key, TagLength);
        try
        {
            aes.Decrypt(bytes.AsSpan(0, NonceLength), bytes.AsSpan(NonceLength, plain.Length), bytes.AsSpan(NonceLength + plain.Length), plain, Owner(webhook));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new CryptographicException("The webhook's secret was encrypted with another ENCRYPTION_KEY. Set that one, or give the webhook a new secret.", e);
        }

        return WebhookSignature.SecretPrefix + Convert.ToBase64String(plain);
    }

    private static byte[] Owner(Id<Webhook> webhook) => Encoding.ASCII.GetBytes(webhook.ToString());
}
