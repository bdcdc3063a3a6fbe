using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Dox.SharedKernel.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Dox.Host.Auth;

/// <summary>Takes the configured key, and those that administrators made, from <c>X-API-Key</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IOptions<AuthOptions> auth, KeyRing keys, GuessLock guesses)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string Header = "X-API-Key";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var sent = Request.Headers[Header];
        if (sent.Count == 0) return AuthenticateResult.NoResult();
        var holder = IsTheKey(sent.ToString())
            ? new Caller("api-key", auth.Value.ApiKeyAccount, [Role.Admin], [])
            : await keys.FindAsync(sent.ToString(), Context.RequestAborted);
        if (holder is null)
        {
            guesses.Failed(Context.Connection.RemoteIpAddress);
            return AuthenticateResult.Fail("The key is wrong.");
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(Callers.IdentityOf(holder, Scheme.Name)), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "ApiKey";
        return Task.CompletedTask;
    }

    // Hashes have one length, and are compared in constant time: neither tells anything of the key.
    private bool IsTheKey(string sent) =>
        auth.Value.ApiKey is { Length: > 0 } key
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
