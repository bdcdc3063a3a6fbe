using Dox.SharedKernel.Ids;
using Dox.Validation.Data;
using Microsoft.EntityFrameworkCore;

namespace Dox.Validation.RateLimits;

/// <summary>The log in the module's database: it survives a restart, and holds over all processes that share the database.</summary>
internal sealed class DatabaseLimitLog(ValidationDbContext db, TimeProvider clock) : ILimitLog
{
    private const int Step = 500;

    public async Task<Usage> AskAsync(LimitQuestion question, bool count, CancellationToken cancellationToken)
    {
        if (!count) return (await LookAsync(question, clock.GetUtcNow(), cancellationToken)).Usage;
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await LockAsync(question, cancellationToken);
        // Taken under the lock: the log is in the order of its times.
        var now = clock.GetUtcNow();
        var document = new Id<Document>(question.Document);
        var known = await db.RateLimitEntries.AnyAsync(e => e.Quota == question.Quota && e.DocumentId == document, cancellationToken);
        var (usage, workedOff) = await LookAsync(question, now, cancellationToken);
        if (known) return usage with { Counted = true, Waits = [] };
        if (usage.Waits.Count > 0) return usage;

        db.RateLimitEntries.Add(new RateLimitEntry
        {
            Quota = question.Quota,
            DocumentId = document,
            User = question.User,
            Account = question.Account,
            Bytes = question.Bytes,
            At = now,
        });
        workedOff = (workedOff > now ? workedOff : now) + question.Limits.Interval;
        if (await db.RateLimitBursts.Where(b => b.Quota == question.Quota && b.User == question.User)
                .ExecuteUpdateAsync(b => b.SetProperty(x => x.WorkedOff, workedOff), cancellationToken) == 0)
            db.RateLimitBursts.Add(new RateLimitBurst { Quota = question.Quota, User = question.User, WorkedOff = workedOff });
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return usage with
        {
            Counted = true,
            UserCount = usage.UserCount + 1,
            AccountCount = usage.AccountCount + 1,
            UserBytes = usage.UserBytes + question.Bytes,
            AccountBytes = usage.AccountBytes + question.Bytes,
            Reset = usage.Reset > TimeSpan.Zero ? usage.Reset : question.Limits.Window,
        };
    }

    /// <summary>Forgets what no window of that length reaches any more.</summary>
    public async Task SweepAsync(TimeSpan window, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var oldest = now - window;
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.RateLimitEntries.Where(e => e.At <= oldest).ExecuteDeleteAsync(cancellationToken);
        await db.RateLimitBursts.Where(b => b.WorkedOff <= now).ExecuteDeleteAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    private async Task<(Usage Usage, DateTimeOffset WorkedOff)> LookAsync(LimitQuestion question, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var limits = question.Limits;
        var since = now - limits.Window;
        var log = db.RateLimitEntries.Where(e => e.Quota == question.Quota && e.At > since);
        var ofUser = log.Where(e => e.User == question.User);
        var ofAccount = log.Where(e => e.Account == question.Account);
        var user = await SumAsync(ofUser, cancellationToken);
        var account = await SumAsync(ofAccount, cancellationToken);
        var burst = await db.RateLimitBursts.AsNoTracking().SingleOrDefaultAsync(b => b.Quota == question.Quota && b.User == question.User, cancellationToken);
        var workedOff = burst?.WorkedOff ?? now;

        var waits = new List<(string Scope, TimeSpan Wait)>();
        if (user.Count >= limits.User) waits.Add((LimitScopes.User, await UntilFreeAsync(ofUser, user.Count - limits.User, limits, now, cancellationToken)));
        if (account.Count >= limits.Account) waits.Add((LimitScopes.Account, await UntilFreeAsync(ofAccount, account.Count - limits.Account, limits, now, cancellationToken)));
        if (workedOff + limits.Interval - now - limits.Burst is var late && late > TimeSpan.Zero) waits.Add((LimitScopes.Burst, late));
        if (user.Bytes + question.Bytes - limits.UserBytes is var userOver and > 0) waits.Add((LimitScopes.UserBytes, await UntilLessAsync(ofUser, userOver, limits, now, cancellationToken)));
        if (account.Bytes + question.Bytes - limits.AccountBytes is var accountOver and > 0)
            waits.Add((LimitScopes.AccountBytes, await UntilLessAsync(ofAccount, accountOver, limits, now, cancellationToken)));
        var reset = user.Oldest is { } oldest ? oldest + limits.Window - now : TimeSpan.Zero;
        return (new(false, user.Count, account.Count, user.Bytes, account.Bytes, waits, reset), workedOff);
    }

    private static async Task<(int Count, long Bytes, DateTimeOffset? Oldest)> SumAsync(IQueryable<RateLimitEntry> log, CancellationToken cancellationToken)
    {
        var sums = await log.GroupBy(_ => 1).Select(g => new { Count = g.Count(), Bytes = g.Sum(e => e.Bytes), Oldest = g.Min(e => e.At) }).SingleOrDefaultAsync(cancellationToken);
        return sums is null ? (0, 0, null) : (sums.Count, sums.Bytes, sums.Oldest);
    }

    private static async Task<TimeSpan> UntilFreeAsync(IQueryable<RateLimitEntry> log, int over, Limits limits, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var leaves = await log.OrderBy(e => e.At).Skip(over).Select(e => e.At).FirstAsync(cancellationToken);
        return leaves + limits.Window - now;
    }

    // As many of the oldest as make room for so many bytes; a file over the limit alone never gets any
    private static async Task<TimeSpan> UntilLessAsync(IQueryable<RateLimitEntry> log, long over, Limits limits, DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var at = 0; ; at += Step)
        {
            var oldest = await log.OrderBy(e => e.At).Skip(at).Take(Step).Select(e => new { e.At, e.Bytes }).ToListAsync(cancellationToken);
            foreach (var entry in oldest)
            {
                over -= entry.Bytes;
                if (over <= 0) return entry.At + limits.Window - now;
            }

            if (oldest.Count < Step) return limits.Window;
        }
    }

    // SQLite has one writer anyway. Sorted, so that two documents never wait for each other.
    private async Task LockAsync(LimitQuestion question, CancellationToken cancellationToken)
    {
        if (!db.Database.IsNpgsql()) return;
        foreach (var key in new[] { $"{question.Quota}/account/{question.Account}", $"{question.Quota}/user/{question.User}" }.Order(StringComparer.Ordinal))
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({key}, 0))", cancellationToken);
    }
}
