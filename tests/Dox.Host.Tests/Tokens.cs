using System.Security.Claims;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Dox.Host.Tests;

/// <summary>Makes the tokens that callers send.</summary>
internal static class Tokens
{
    public const string Secret = "a-shared-secret-of-thirty-two-bytes!";

    /// <param name="secret">What signs it; null: nothing does.</param>
    public static string Of((string Name, object Value)[] claims, string? secret = Secret) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Claims = claims.ToDictionary(c => c.Name, c => c.Value, StringComparer.Ordinal),
        Subject = new ClaimsIdentity(),
        Expires = TimeProvider.System.GetUtcNow().AddHours(1).UtcDateTime,
        SigningCredentials = secret is null ? null : new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)), SecurityAlgorithms.HmacSha256),
    });
}
