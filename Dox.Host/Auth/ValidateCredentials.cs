using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Microsoft.AspNetCore.Authentication;

namespace Dox.Host.Auth;

/// <summary>Whose a key or token is: the request's own, or one that somebody was shown. There is no password login.</summary>
internal static class ValidateCredentials
{
    /// <param name="Token">A bearer token; absent, as the key is: who asks is told of itself.</param>
    /// <param name="ApiKey">A key.</param>
    internal sealed record Body(string? Token = null, string? ApiKey = null);

    /// <param name="Valid">Whether it would let its bearer in now; the members behind it are null where it wouldn't.</param>
    internal sealed record Answer(
        bool Success, bool Valid, string? UserId, string? AccountId, IReadOnlyList<string>? Roles, IReadOnlyList<string>? Teams, DateTimeOffset Timestamp);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/auth/validate", async (HttpContext http, Body? body, CallContext call, IServiceScopeFactory scopes, TimeProvider clock) =>
            {
                if (body is { Token: not null, ApiKey: not null }) throw DoxException.Invalid("two_credentials", "Give token or api_key, not both.");
                var holder = body?.Token is null && body?.ApiKey is null ? call.Caller : await HolderAsync(http, body, scopes);
                return TypedResults.Ok(new Answer(
                    true, holder is not null, holder?.User, holder?.Account, holder is null ? null : UserView.NamesOf(holder.Roles), holder?.Teams, clock.GetUtcNow()));
            })
            .WithSummary("Whose a key or token is.")
            .WithDescription("With token or api_key, whether it would let its bearer in, and as whom; without, who asks. A wrong one counts as a guess of who asks.")
            .WithTags(UserView.Tag)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status429TooManyRequests);

    // As a request of its own, by the very code that lets requests in
    private static async Task<Caller?> HolderAsync(HttpContext asked, Body body, IServiceScopeFactory scopes)
    {
        await using var scope = scopes.CreateAsyncScope();
        var request = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = asked.RequestAborted };
        request.Connection.RemoteIpAddress = asked.Connection.RemoteIpAddress;
        if (body.ApiKey is { } key) request.Request.Headers[ApiKeyHandler.Header] = key;
        else request.Request.Headers.Authorization = $"Bearer {body.Token}";
        var scheme = body.ApiKey is null ? Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerDefaults.AuthenticationScheme : ApiKeyHandler.SchemeName;
        if (await scope.ServiceProvider.GetRequiredService<IAuthenticationSchemeProvider>().GetSchemeAsync(scheme) is null) return null;
        var result = await request.AuthenticateAsync(scheme);
        return result.Succeeded ? Callers.Of(result.Principal) : null;
    }
}
