using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dox.Validation.RateLimits;

/// <summary>
/// A sliding log for the day, of the user and of the account, and GCRA for the user's burst: all of them let a document in, or none counts it.
/// Kept in the module's database, so that it survives a restart and holds over all processes that share it.
/// </summary>
internal sealed class RateLimiter(ValidationDbContext db, IOptions<ValidationOptions> options, TimeProvider clock)
{
    private const string User = "user";
    private const string Account = "account";
    private const string BurstScope = "burst";

    /// <summary>Whose limit it may be that stands in the way.</summary>
    public static IReadOnlyList<string> Scopes { get; } = [User, Account, BurstScope];

    private RateLimitOptions Limits => options.Value.RateLimit;

    /// <summary>Counts the document if it may be sent. One that was counted before stays let in, and isn't counted again.</summary>
    public async Task<RateLimitInfo> CountAsync(Quota quota, Id<Document> document, Caller caller, CancellationToken cancellationToken)
    {
        var (user, account) = (RateLimitBurst.Subject(caller.User), RateLimitBurst.Subject(caller.Account));
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await LockAsync(quota, user, account, cancellationToken);
        // Taken under the lock: the log is in the order of its times.
        var now = clock.GetUtcNow();
        var known = await db.RateLimitEntries.AnyAsync(e => e.Quota == quota && e.DocumentId == document, cancellationToken);
        var standing = await LookAsync(quota, user, account, now, cancellationToken);
        if (known) return standing.Info with { WithinLimit = true, Violation = null, RetryAfterSeconds = 0 };
        if (!standing.Info.WithinLimit)
        {
            ValidationTelemetry.Limited(standing.Info.Violation!);
            return standing.Info;
        }

        db.RateLimitEntries.Add(new RateLimitEntry { Quota = quota, DocumentId = document, User = user, Account = account, At = now });
        var workedOff = (standing.WorkedOff > now ? standing.WorkedOff : now) + Interval(quota);
        if (await db.RateLimitBursts.Where(b => b.Quota == quota && b.User == user).ExecuteUpdateAsync(b => b.SetProperty(x => x.WorkedOff, workedOff), cancellationToken) == 0)
            db.RateLimitBursts.Add(new RateLimitBurst { Quota = quota, User = user, WorkedOff = workedOff });
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return standing.Info with { UserCount = standing.Info.UserCount + 1, AccountCount = standing.Info.AccountCount + 1 };
    }

    /// <summary>What is left, without counting anything.</summary>
    public async Task<RateLimitInfo> PeekAsync(Quota quota, Caller caller, CancellationToken cancellationToken) =>
        (await LookAsync(quota, RateLimitBurst.Subject(caller.User), RateLimitBurst.Subject(caller.Account), clock.GetUtcNow(), cancellationToken)).Info;

    /// <summary>Forgets what no window reaches any more.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var oldest = now - Limits.Window;
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.RateLimitEntries.Where(e => e.At <= oldest).ExecuteDeleteAsync(cancellationToken);
        await db.RateLimitBursts.Where(b => b.WorkedOff <= now).ExecuteDeleteAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    private async Task<Standing> LookAsync(Quota quota, string user, string account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - Limits.Window;
        var log = db.RateLimitEntries.Where(e => e.Quota == quota && e.At > since);
        var ofUser = log.Where(e => e.User == user);
        var ofAccount = log.Where(e => e.Account == account);
        var (userLimit, accountLimit) = quota == Quota.Documents ? (Limits.PerUserPerDay, Limits.PerAccountPerDay) : (Limits.ValidationsPerUserPerDay, int.MaxValue);
        var userCount = await ofUser.CountAsync(cancellationToken);
        var accountCount = await ofAccount.CountAsync(cancellationToken);
        var burst = await db.RateLimitBursts.AsNoTracking().SingleOrDefaultAsync(b => b.Quota == quota && b.User == user, cancellationToken);
        var workedOff = burst?.WorkedOff ?? now;

        // The one that has to be waited for longest is told: having waited, the sender is let in.
        var waits = new List<(string Scope, TimeSpan Wait)>();
        if (userCount >= userLimit) waits.Add((User, await UntilFreeAsync(ofUser, userCount - userLimit, now, cancellationToken)));
        if (accountCount >= accountLimit) waits.Add((Account, await UntilFreeAsync(ofAccount, accountCount - accountLimit, now, cancellationToken)));
        if (workedOff + Interval(quota) - now - TimeSpan.FromMinutes(1) is var late && late > TimeSpan.Zero) waits.Add((BurstScope, late));
        var (violation, wait) = waits.Count == 0 ? (null, TimeSpan.Zero) : waits.MaxBy(w => w.Wait);
        return new(
            new RateLimitInfo(
                violation is null, Limits.WindowHours, userCount, userLimit, accountCount, accountLimit, violation,
                violation is null ? 0 : Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))),
            workedOff);
    }

    private async Task<TimeSpan> UntilFreeAsync(IQueryable<RateLimitEntry> log, int over, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var leaves = await log.OrderBy(e => e.At).Skip(over).Select(e => e.At).FirstAsync(cancellationToken);
        return leaves + Limits.Window - now;
    }

    private TimeSpan Interval(Quota quota) =>
        TimeSpan.FromMinutes(1) / (quota == Quota.Documents ? Limits.Burst : Math.Max(Limits.Burst, Limits.ValidationsPerUserPerDay / 10));

    // SQLite has one writer anyway. Sorted, so that two documents never wait for each other.
    private async Task LockAsync(Quota quota, string user, string account, CancellationToken cancellationToken)
    {
        if (!db.Database.IsNpgsql()) return;
        foreach (var key in new[] { $"{quota}/{Account}/{account}", $"{quota}/{User}/{user}" }.Order(StringComparer.Ordinal))
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({key}, 0))", cancellationToken);
    }

    private sealed record Standing(RateLimitInfo Info, DateTimeOffset WorkedOff);
}
