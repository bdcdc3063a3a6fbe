using Dox.Validation.Data;
using Microsoft.EntityFrameworkCore;

namespace Dox.Validation.RateLimits;

/// <summary>How senders stand at one moment: read from the log once for each, then counted on.</summary>
internal sealed class LimitStandings(ValidationDbContext db, DateTimeOffset now)
{
    private const int Step = 500;

    private readonly Dictionary<(Quota Quota, string User), Standing> _users = [];
    private readonly Dictionary<(Quota Quota, string Account), Standing> _accounts = [];

    /// <summary>What the log says of the sender; nothing is counted.</summary>
    public async Task<Usage> LookAsync(LimitQuestion question, CancellationToken cancellationToken)
    {
        var limits = question.Limits;
        var since = now - limits.Window;
        var log = db.RateLimitEntries.AsNoTracking().Where(e => e.Quota == question.Quota && e.At > since);
        var ofUser = log.Where(e => e.User == question.User);
        var ofAccount = log.Where(e => e.Account == question.Account);
        var user = await UserAsync(question, ofUser, cancellationToken);
        var account = await AccountAsync(question, ofAccount, cancellationToken);

        var waits = new List<(string Scope, TimeSpan Wait)>();
        if (user.Count >= limits.User) waits.Add((LimitScopes.User, await UntilFreeAsync(ofUser, user.Count - limits.User, limits, cancellationToken)));
        if (account.Count >= limits.Account) waits.Add((LimitScopes.Account, await UntilFreeAsync(ofAccount, account.Count - limits.Account, limits, cancellationToken)));
        if (user.WorkedOff + limits.Interval - now - limits.Burst is var late && late > TimeSpan.Zero) waits.Add((LimitScopes.Burst, late));
        if (user.Bytes + question.Bytes - limits.UserBytes is var userOver and > 0) waits.Add((LimitScopes.UserBytes, await UntilLessAsync(ofUser, userOver, limits, cancellationToken)));
        if (account.Bytes + question.Bytes - limits.AccountBytes is var accountOver and > 0)
            waits.Add((LimitScopes.AccountBytes, await UntilLessAsync(ofAccount, accountOver, limits, cancellationToken)));
        return Usage(question, waits);
    }

    /// <summary>Counts the document, of which <see cref="LookAsync"/> said that nothing stands in its way.</summary>
    public Usage Count(LimitQuestion question, Usage usage)
    {
        var (user, account) = (_users[(question.Quota, question.User)], _accounts[(question.Quota, question.Account)]);
        user.Add(question.Bytes, now);
        account.Add(question.Bytes, now);
        user.WorkedOff = (user.WorkedOff > now ? user.WorkedOff : now) + question.Limits.Interval;
        user.IsChanged = true;
        return Usage(question, usage.Waits) with { Counted = true };
    }

    /// <summary>Writes when what was counted is worked off.</summary>
    public async Task SaveAsync()
    {
        foreach (var ((quota, name), user) in _users.Where(u => u.Value.IsChanged))
        {
            if (await db.RateLimitBursts.Where(b => b.Quota == quota && b.User == name).ExecuteUpdateAsync(b => b.SetProperty(x => x.WorkedOff, user.WorkedOff)) == 0)
                db.RateLimitBursts.Add(new RateLimitBurst { Quota = quota, User = name, WorkedOff = user.WorkedOff });
        }
    }

    private Usage Usage(LimitQuestion question, IReadOnlyList<(string Scope, TimeSpan Wait)> waits)
    {
        var (user, account) = (_users[(question.Quota, question.User)], _accounts[(question.Quota, question.Account)]);
        var reset = user.Oldest is { } oldest ? oldest + question.Limits.Window - now : TimeSpan.Zero;
        return new(false, user.Count, question.Limits.CountsAccount ? account.Count : 0, user.Bytes, account.Bytes, waits, reset);
    }

    private async Task<Standing> UserAsync(LimitQuestion question, IQueryable<RateLimitEntry> log, CancellationToken cancellationToken)
    {
        if (_users.TryGetValue((question.Quota, question.User), out var known)) return known;
        var user = _users[(question.Quota, question.User)] = await SumAsync(log, cancellationToken);
        var burst = await db.RateLimitBursts.AsNoTracking().SingleOrDefaultAsync(b => b.Quota == question.Quota && b.User == question.User, cancellationToken);
        user.WorkedOff = burst?.WorkedOff ?? now;
        return user;
    }

    private async Task<Standing> AccountAsync(LimitQuestion question, IQueryable<RateLimitEntry> log, CancellationToken cancellationToken) =>
        _accounts.TryGetValue((question.Quota, question.Account), out var known)
            ? known
            : _accounts[(question.Quota, question.Account)] = question.Limits.CountsAccount ? await SumAsync(log, cancellationToken) : new Standing();

    private static async Task<Standing> SumAsync(IQueryable<RateLimitEntry> log, CancellationToken cancellationToken)
    {
        var sums = await log.GroupBy(_ => 1).Select(g => new { Count = g.Count(), Bytes = g.Sum(e => e.Bytes), Oldest = g.Min(e => e.At) }).SingleOrDefaultAsync(cancellationToken);
        return sums is null ? new Standing() : new Standing { Count = sums.Count, Bytes = sums.Bytes, Oldest = sums.Oldest };
    }

    // What was counted just now stands behind all that the log has
    private async Task<TimeSpan> UntilFreeAsync(IQueryable<RateLimitEntry> log, int over, Limits limits, CancellationToken cancellationToken)
    {
        var leaves = await log.OrderBy(e => e.At).Skip(over).Select(e => (DateTimeOffset?)e.At).FirstOrDefaultAsync(cancellationToken);
        return (leaves ?? now) + limits.Window - now;
    }

    // As many of the oldest as make room for so many bytes; a file over the limit alone never gets any
    private async Task<TimeSpan> UntilLessAsync(IQueryable<RateLimitEntry> log, long over, Limits limits, CancellationToken cancellationToken)
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

    private sealed class Standing
    {
        public int Count { get; set; }

        public long Bytes { get; set; }

        public DateTimeOffset? Oldest { get; set; }

        /// <summary>GCRA's state, of a user.</summary>
        public DateTimeOffset WorkedOff { get; set; }

        public bool IsChanged { get; set; }

        public void Add(long bytes, DateTimeOffset at)
        {
            Count++;
            Bytes += bytes;
            Oldest ??= at;
        }
    }
}
