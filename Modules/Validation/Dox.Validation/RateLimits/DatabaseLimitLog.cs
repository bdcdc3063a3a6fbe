using Dox.SharedKernel.Ids;
using Dox.Validation.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Validation.RateLimits;

/// <summary>
/// The log in the module's database: it survives a restart, and holds over all processes that share the database. Documents that come at once are
/// counted in one transaction.
/// </summary>
internal sealed class DatabaseLimitLog : ILimitLog, IDisposable
{
    private const int Most = 64;

    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _clock;
    private readonly SharedWrites<LimitQuestion, Usage> _counts;

    public DatabaseLimitLog(IServiceScopeFactory scopes, TimeProvider clock) => (_scopes, _clock, _counts) = (scopes, clock, new(Most, CountAsync));

    public void Dispose() => _counts.Dispose();

    public async Task<Usage> AskAsync(LimitQuestion question, bool count, CancellationToken cancellationToken)
    {
        if (count) return await _counts.WriteAsync(question, cancellationToken);
        await using var scope = _scopes.CreateAsyncScope();
        return await new LimitStandings(Db(scope), _clock.GetUtcNow()).LookAsync(question, cancellationToken);
    }

    /// <summary>Forgets what no window of that length reaches any more.</summary>
    public async Task SweepAsync(TimeSpan window, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = Db(scope);
        var now = _clock.GetUtcNow();
        var oldest = now - window;
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.RateLimitEntries.Where(e => e.At <= oldest).ExecuteDeleteAsync(cancellationToken);
        await db.RateLimitBursts.Where(b => b.WorkedOff <= now).ExecuteDeleteAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    private static ValidationDbContext Db(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<ValidationDbContext>();

    private async Task<IReadOnlyList<Usage>> CountAsync(IReadOnlyList<LimitQuestion> questions)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = Db(scope);
        await using var write = await db.BeginWriteAsync(CancellationToken.None);
        await LockAsync(db, questions);
        // Taken under the lock: the log is in the order of its times.
        var now = _clock.GetUtcNow();
        var standings = new LimitStandings(db, now);
        var known = await KnownAsync(db, questions);
        var answers = new List<Usage>(questions.Count);
        var counted = false;
        foreach (var question in questions)
        {
            var usage = await standings.LookAsync(question, CancellationToken.None);
            if (known.Contains((question.Quota, question.Document)))
            {
                answers.Add(usage with { Counted = true, Waits = [] });
            }
            else if (usage.Waits.Count > 0)
            {
                answers.Add(usage);
            }
            else
            {
                counted = known.Add((question.Quota, question.Document));
                db.RateLimitEntries.Add(new RateLimitEntry
                {
                    Quota = question.Quota,
                    DocumentId = new(question.Document),
                    User = question.User,
                    Account = question.Account,
                    Bytes = question.Bytes,
                    At = now,
                });
                answers.Add(standings.Count(question, usage));
            }
        }

        if (!counted) return answers;
        await standings.SaveAsync();
        await db.SaveChangesAsync();
        await write.CommitAsync(CancellationToken.None);
        return answers;
    }

    private static async Task<HashSet<(Quota Quota, Guid Document)>> KnownAsync(ValidationDbContext db, IReadOnlyList<LimitQuestion> questions)
    {
        var ids = questions.Select(q => new Id<Document>(q.Document)).Distinct().ToList();
        var known = await db.RateLimitEntries.AsNoTracking().Where(e => ids.Contains(e.DocumentId)).Select(e => new { e.Quota, e.DocumentId }).ToListAsync();
        return [.. known.Select(e => (e.Quota, e.DocumentId.Value))];
    }

    // SQLite has one writer anyway. Sorted, so that two processes never wait for each other.
    private static async Task LockAsync(ValidationDbContext db, IReadOnlyList<LimitQuestion> questions)
    {
        if (!db.Database.IsNpgsql()) return;
        var keys = questions.SelectMany(q => new[] { $"{q.Quota}/account/{q.Account}", $"{q.Quota}/user/{q.User}" }).Distinct(StringComparer.Ordinal).ToArray();
        await db.Database.ExecuteSqlAsync(
            $"select pg_advisory_xact_lock(h) from (select distinct hashtextextended(k, 0) as h from unnest({keys}) as k order by h) as sorted");
    }
}
