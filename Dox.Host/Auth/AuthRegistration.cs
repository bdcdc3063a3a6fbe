using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.IdentityModel.Tokens;

namespace Dox.Host.Auth;

/// <summary>Who gets in: by key, by token, or, where nobody is asked, anybody.</summary>
internal static class AuthRegistration
{
    private const string Chosen = "Dox";

    public static void AddDoxAuth(this IHostApplicationBuilder builder, AuthOptions options)
    {
        var open = !options.IsRequired(builder.Environment);
        var services = builder.Services;
        services.AddOptions<AuthOptions>().BindConfiguration(AuthOptions.Section);
        services.AddSingleton<GuessLock>();
        services.AddSingleton<KeyRing>();
        // Nothing of ours is protected with these keys, and a container's root is read-only: keep them out of the file system.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        var authentication = services.AddAuthentication(Chosen)
            .AddPolicyScheme(Chosen, null, o => o.ForwardDefaultSelector = context => SchemeFor(context, options, open))
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, OpenHandler>(OpenHandler.SchemeName, null);
        if (options.Jwt.IsOn) authentication.AddJwtBearer(jwt => Configure(jwt, options.Jwt, builder.Environment));
        // It would make those keys at each start all the same, and warn that they aren't kept.
        foreach (var maker in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Assembly == typeof(KeyManagementOptions).Assembly).ToList())
            services.Remove(maker);
        services.AddSingleton<RateLimitBypass>();
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder(Chosen).RequireAuthenticatedUser().Build());
    }

    /// <summary>After it, each request's call context knows its caller.</summary>
    public static void UseDoxAuth(this IApplicationBuilder app)
    {
        var bypass = app.ApplicationServices.GetRequiredService<RateLimitBypass>();
        app.UseMiddleware<GuessLockMiddleware>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.Use((context, next) =>
        {
            context.RequestServices.GetRequiredService<SharedKernel.Infrastructure.Dispatch.CallContext>().Caller =
                Callers.Of(context.User) with { IsUnlimited = bypass.Allows(context.Request) };
            return next(context);
        });
    }

    private static string SchemeFor(HttpContext context, AuthOptions options, bool open)
    {
        var hasKey = !string.IsNullOrWhiteSpace(options.ApiKey);
        if (context.Request.Headers.TryGetValue(ApiKeyHandler.Header, out var sent) && (hasKey || !open || KeyRing.IsKey(sent.ToString()))) return ApiKeyHandler.SchemeName;
        if (options.Jwt.IsOn && context.Request.Headers.ContainsKey("Authorization")) return JwtBearerDefaults.AuthenticationScheme;
        return open ? OpenHandler.SchemeName : ApiKeyHandler.SchemeName;
    }

    private static void Configure(JwtBearerOptions jwt, JwtOptions options, IHostEnvironment environment)
    {
        jwt.MapInboundClaims = false;
        jwt.RequireHttpsMetadata = !environment.IsDevelopment();
        if (!string.IsNullOrWhiteSpace(options.Authority)) jwt.Authority = options.Authority;
        var checks = jwt.TokenValidationParameters;
        checks.NameClaimType = Callers.UserClaim;
        checks.RoleClaimType = Callers.RolesClaim;
        checks.ValidateAudience = !string.IsNullOrWhiteSpace(options.Audience);
        checks.ValidAudience = options.Audience;
        checks.ValidateIssuer = !string.IsNullOrWhiteSpace(options.Issuer) || !string.IsNullOrWhiteSpace(options.Authority);
        if (!string.IsNullOrWhiteSpace(options.Issuer)) checks.ValidIssuer = options.Issuer;
        if (!string.IsNullOrWhiteSpace(options.Secret))
        {
            checks.IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(options.Secret));
            checks.ValidAlgorithms = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512];
        }

        jwt.Events = new JwtBearerEvents
        {
            OnAuthenticationFailed = context =>
            {
                if (IsGuess(context.Exception, options))
                    context.HttpContext.RequestServices.GetRequiredService<GuessLock>().Failed(context.HttpContext.Connection.RemoteIpAddress);
                return Task.CompletedTask;
            },
            OnTokenValidated = context =>
            {
                if (Callers.Problem(context.Principal!) is { } problem) context.Fail(problem);
                else if (Callers.AccountOf(context.Principal!) is not null) return Task.CompletedTask;
                else if (string.IsNullOrWhiteSpace(options.DefaultAccount)) context.Fail($"The token names no {Callers.AccountClaim}.");
                else context.Principal!.Identities.First().AddClaim(new(Callers.AccountClaim, options.DefaultAccount));
                return Task.CompletedTask;
            },
        };
    }

    // A token that ran out isn't a guess. Nor is one whose key isn't here: while the authority can't be reached, that is every token's.
    // A secret is always here, and a token that it doesn't fit is wrong.
    private static bool IsGuess(Exception failure, JwtOptions options) => failure switch
    {
        SecurityTokenMalformedException => true,
        SecurityTokenSignatureKeyNotFoundException => string.IsNullOrWhiteSpace(options.Authority),
        SecurityTokenInvalidSignatureException => true,
        _ => false,
    };
}
