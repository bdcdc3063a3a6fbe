using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.Validation.Contracts;
using MediatR;

namespace Dox.Host.Http;

/// <summary>Counts calls of endpoints that say so against the caller's quota, before anything else is done for them. Modules don't ask each other; the host may.</summary>
internal static class UseQuotas
{
    private static readonly Dictionary<string, (LimitedUse Use, string Done)> s_uses = new(StringComparer.Ordinal)
    {
        [CountedUse.Recognitions] = (LimitedUse.Recognitions, "recognised documents anew"),
        [CountedUse.WorkflowStarts] = (LimitedUse.WorkflowStarts, "started runs"),
    };

    /// <summary>Behind authentication. Does nothing where there is no module that counts.</summary>
    public static void CountUses(this WebApplication app)
    {
        if (app.Services.GetRequiredService<ModuleSet>().All.All(m => m.Contracts != typeof(CountUse).Assembly)) return;
        app.Use(async (http, next) =>
        {
            if (http.GetEndpoint()?.Metadata.GetMetadata<CountedUse>() is { } use) await CountAsync(http, use.Name);
            await next(http);
        });
    }

    private static async Task CountAsync(HttpContext http, string name)
    {
        var (use, done) = s_uses[name];
        var quota = await http.RequestServices.GetRequiredService<IMediator>().Send(new CountUse(use, Guid.CreateVersion7()), http.RequestAborted);
        // Written last: a problem begins with headers of its own
        http.Response.OnStarting(() =>
        {
            RateLimitHeaders.Write(
                http.Response, TimeSpan.FromHours(quota.WindowHours), TimeSpan.FromSeconds(quota.WithinLimit ? quota.ResetSeconds : quota.RetryAfterSeconds),
                new QuotaState("user", quota.UserLimit, quota.UserCount));
            return Task.CompletedTask;
        });
        if (quota.WithinLimit) return;
        throw new DoxException(
            429, "rate_limit_exceeded", $"You have {done} {quota.UserCount} times in {quota.WindowHours} hours; {quota.UserLimit} are allowed. Try again in {quota.RetryAfterSeconds} s.")
        {
            RetryAfter = TimeSpan.FromSeconds(quota.RetryAfterSeconds),
        };
    }
}
