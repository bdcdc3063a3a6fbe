using System.Security.Cryptography;
using System.Text;

namespace Dox.Host.Auth;

/// <summary>Who shows the token for it isn't limited: load tests, a migration from another system.</summary>
internal sealed class RateLimitBypass(IConfiguration configuration)
{
    private const string Header = "X-RateLimit-Bypass";

    private readonly byte[]? _token = configuration["Dox:Validation:RateLimit:BypassToken"] is { Length: > 0 } token ? Hash(token) : null;

    /// <summary>Takes the same time whatever is shown.</summary>
    public bool Allows(HttpRequest request) =>
        _token is not null && request.Headers.TryGetValue(Header, out var shown) && CryptographicOperations.FixedTimeEquals(_token, Hash(shown.ToString()));

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
