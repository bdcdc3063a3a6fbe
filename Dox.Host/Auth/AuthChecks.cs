using System.Data.Common;
using System.Text;

namespace Dox.Host.Auth;

/// <summary>What the start refuses: a door that stands open in production, or whose key everybody knows.</summary>
internal static class AuthChecks
{
    private const int LeastKey = 16;
    private const int LeastSecret = 32;

    private static readonly string[] s_placeholders =
        ["changeme", "changethis", "replaceme", "yourapikey", "yoursecret", "yourkey", "placeholder", "example", "insecure", "donotuse"];

    private static readonly string[] s_defaults = ["secret", "password", "default", "admin", "test", "apikey", "key", "dox", "postgres", "redis"];

    public static IEnumerable<string> Problems(IConfiguration configuration, AuthOptions options, IHostEnvironment environment)
    {
        var required = options.IsRequired(environment);
        var production = !environment.IsDevelopment();
        var hasKey = !string.IsNullOrWhiteSpace(options.ApiKey);
        if (production && !required)
            yield return "REQUIRE_AUTH is false, and production doesn't start open: leave it out, or set SERVICE_ENV=development.";
        if (required && !hasKey && !options.Jwt.IsOn)
        {
            yield return "Nobody could get in: set API_KEY (openssl rand -hex 32), or Dox__Auth__Jwt__Authority, or Dox__Auth__Jwt__Secret; "
                + "to try DOX out on your own machine, set SERVICE_ENV=development.";
        }

        if (production && hasKey && options.ApiKey!.Length < LeastKey)
            yield return $"API_KEY has {options.ApiKey.Length} characters; production takes no key under {LeastKey}. Make one with: openssl rand -hex 32.";
        if (options.Jwt.Secret is { Length: > 0 } secret && Encoding.UTF8.GetByteCount(secret) < LeastSecret)
            yield return $"Dox__Auth__Jwt__Secret is shorter than {LeastSecret} bytes, which HS256 needs. Make one with: openssl rand -hex 32.";
        if (options.LockoutAttempts < 1) yield return "Dox:Auth:LockoutAttempts must be at least 1.";
        if (options.LockoutWindow <= TimeSpan.Zero) yield return "Dox:Auth:LockoutWindow must be more than nothing.";
        if (!production) yield break;

        (string Variable, string Key)[] secrets =
        [
            ("API_KEY", "Dox:Auth:ApiKey"), ("Dox__Auth__Jwt__Secret", "Dox:Auth:Jwt:Secret"),
            ("POSTGRES_PASSWORD", "Dox:Database:Password"), ("REDIS_PASSWORD", "Dox:Redis:Password"),
        ];
        foreach (var (variable, key) in secrets)
        {
            if (IsPlaceholder(configuration[key])) yield return $"{variable} is a placeholder that everybody knows. Set one of your own: openssl rand -hex 32.";
        }

        if (IsPlaceholder(PasswordIn(configuration["Dox:Database:ConnectionString"])))
            yield return "Dox__Database__ConnectionString holds a password that is a placeholder that everybody knows. Set one of your own: openssl rand -hex 32.";
    }

    public static bool IsPlaceholder(string? secret)
    {
        if (string.IsNullOrWhiteSpace(secret)) return false;
        var letters = string.Concat(secret.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        return letters.Distinct().Count() < 3
            || Array.Exists(s_placeholders, p => letters.Contains(p, StringComparison.Ordinal))
            || s_defaults.Contains(letters.TrimEnd("0123456789".ToCharArray()), StringComparer.Ordinal);
    }

    private static string? PasswordIn(string? connection)
    {
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = connection };
            string[] names = ["Password", "PSW", "PWD"];
            return names.Select(name => parts.TryGetValue(name, out var password) ? password.ToString() : null).FirstOrDefault(password => password is not null);
        }
        catch (ArgumentException)
        {
            return null; // the database's client says what is wrong with it
        }
    }
}
