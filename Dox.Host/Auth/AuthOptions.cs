namespace Dox.Host.Auth;

/// <summary>Section <c>Dox:Auth</c>.</summary>
internal sealed class AuthOptions
{
    public const string Section = "Dox:Auth";

    /// <summary>Whether a caller must say who it is; null: everywhere but in development.</summary>
    public bool? Required { get; set; }

    /// <summary>The key that is taken as <c>X-API-Key</c>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The account of who comes with the key.</summary>
    public string ApiKeyAccount { get; set; } = "default";

    /// <summary>Failed attempts of one address within <see cref="LockoutWindow"/> that shut it out for as long.</summary>
    public int LockoutAttempts { get; set; } = 10;

    /// <summary>Within which failed attempts are counted, and for how long an address is shut out.</summary>
    public TimeSpan LockoutWindow { get; set; } = TimeSpan.FromMinutes(5);

    public JwtOptions Jwt { get; set; } = new();

    public bool IsRequired(IHostEnvironment environment) => Required ?? !environment.IsDevelopment();
}

/// <summary>Section <c>Dox:Auth:Jwt</c>: an authority, or a secret that is shared with who makes the tokens.</summary>
internal sealed class JwtOptions
{
    /// <summary>The address of who makes the tokens, where its keys are found (OpenID Connect).</summary>
    public string? Authority { get; set; }

    /// <summary>For whom a token must be made; anybody where it isn't set.</summary>
    public string? Audience { get; set; }

    /// <summary>Who must have made a token; the authority where it isn't set.</summary>
    public string? Issuer { get; set; }

    /// <summary>The secret that signs tokens, at least 32 bytes; instead of an authority.</summary>
    public string? Secret { get; set; }

    /// <summary>The account of tokens that name none; without it they are refused.</summary>
    public string? DefaultAccount { get; set; }

    public bool IsOn => !string.IsNullOrWhiteSpace(Authority) || !string.IsNullOrWhiteSpace(Secret);
}
