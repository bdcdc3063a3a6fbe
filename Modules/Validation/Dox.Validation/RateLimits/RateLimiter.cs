using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dox.Validation.RateLimits;

/// <summary>
/// Whether somebody may send one more. Redis keeps the log where there is one; while it is away the module's database does, for a share of the
/// limits: together never more than the limits and that share get in.
/// </summary>
internal sealed class RateLimiter(DatabaseLimitLog embedded, RedisLimitLog redis, RedisAbsence absence, LimitUsage usages, IOptions<ValidationOptions> options)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    /// <summary>Whose limit it may be that stands in the way.</summary>
    public static IReadOnlyList<string> Scopes => LimitScopes.All;

    private RateLimitOptions Options => options.Value.RateLimit;

    /// <summary>Counts the document if it may be sent. One that was counted before stays let in, and isn't counted again.</summary>
    public async Task<RateLimitInfo> CountAsync(Quota quota, Id<Document> document, long bytes, Caller caller, CancellationToken cancellationToken)
    {
        var info = await AskAsync(quota, document.Value, bytes, caller, count: !caller.IsUnlimited, cancellationToken);
        if (!info.WithinLimit) ValidationTelemetry.Limited(info.Violation!);
        return info;
    }

    /// <summary>What is left, without counting anything.</summary>
    public Task<RateLimitInfo> PeekAsync(Quota quota, Caller caller, CancellationToken cancellationToken) =>
        AskAsync(quota, Guid.Empty, 0, caller, count: false, cancellationToken);

    /// <summary>Forgets what no window reaches any more.</summary>
    public Task SweepAsync(CancellationToken cancellationToken) => embedded.SweepAsync(Options.Window, cancellationToken);

    private async Task<RateLimitInfo> AskAsync(Quota quota, Guid document, long bytes, Caller caller, bool count, CancellationToken cancellationToken)
    {
        var account = RateLimitBurst.Subject(caller.Account);
        // A user is one of its account: another account's may have the same name
        var question = new LimitQuestion(quota, document, RateLimitBurst.Subject($"{account}/{caller.User}"), account, bytes, LimitsOf(quota));
        if (redis.IsConfigured && !absence.IsOn)
        {
            try
            {
                return Info(question, await redis.AskAsync(question, count, cancellationToken), caller);
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                absence.Note(e);
            }
        }

        if (redis.IsConfigured)
        {
            question = question with { Limits = Share(question.Limits) };
            ValidationTelemetry.FellBack();
        }

        return Info(question, await embedded.AskAsync(question, count, cancellationToken), caller);
    }

    private Limits LimitsOf(Quota quota)
    {
        const long Megabyte = 1024 * 1024;
        if (quota == Quota.Documents)
            return new(Options.PerUserPerDay, Options.PerAccountPerDay, Options.UserMegabytes * Megabyte, Options.AccountMegabytes * Megabyte, Options.Window, s_minute / Options.Burst, s_minute);
        var (user, burst) = quota switch
        {
            Quota.Validations => (Options.ValidationsPerUserPerDay, Math.Max(Options.Burst, Options.ValidationsPerUserPerDay / 10)),
            Quota.Recognitions => (Options.RecognitionsPerUserPerDay, Options.RecognitionsPerUserPerDay),
            // A day's starts may come at once: the engine holds back what it has no room for
            _ => (Options.WorkflowStartsPerUserPerDay, Options.WorkflowStartsPerUserPerDay),
        };
        return new(user, Limits.NoneOfAccount, long.MaxValue / 4, long.MaxValue / 4, Options.Window, s_minute / burst, s_minute);
    }

    private Limits Share(Limits limits) => limits with
    {
        User = Math.Max(1, (int)(limits.User * Options.ShareWithoutRedis)),
        Account = limits.CountsAccount ? Math.Max(1, (int)(limits.Account * Options.ShareWithoutRedis)) : limits.Account,
        UserBytes = (long)(limits.UserBytes * Options.ShareWithoutRedis),
        AccountBytes = (long)(limits.AccountBytes * Options.ShareWithoutRedis),
    };

    private RateLimitInfo Info(LimitQuestion question, Usage usage, Caller caller)
    {
        var limits = question.Limits;
        if (question.Quota == Quota.Documents) usages.Note(usage, limits);
        // The one that has to be waited for longest is told: having waited, the sender is let in.
        var (violation, wait) = usage.Waits.Count == 0 || caller.IsUnlimited ? (null, TimeSpan.Zero) : usage.Waits.MaxBy(w => w.Wait);
        return new RateLimitInfo(
            violation is null, limits.Window.TotalHours, usage.UserCount, limits.User, usage.AccountCount, limits.Account, violation,
            violation is null ? 0 : Math.Max(1, Seconds(wait)))
        {
            UserBytes = usage.UserBytes,
            UserBytesLimit = limits.UserBytes,
            AccountBytes = usage.AccountBytes,
            AccountBytesLimit = limits.AccountBytes,
            ResetSeconds = Seconds(usage.Reset),
        };
    }

    private static int Seconds(TimeSpan wait) => (int)Math.Ceiling(wait.TotalSeconds);
}
