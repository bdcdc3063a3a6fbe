using System.Data;
using Dox.Orchestration.Data;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Dox.Orchestration.Events;

/// <summary>
/// On PostgreSQL transactions become visible in another order than they began in, so "newer than the last one that I saw" misses some. A
/// trigger notes the keys of each statement's new rows with their transaction (<c>feed_marks</c>, a row a statement). The leader takes the
/// marks of transactions before which none is under way any more (pg_snapshot_xmin): nothing can come to lie before them. It numbers them by
/// moving them to <c>feed_pages</c>; the lock that makes it the leader is on the connection that it writes with.
/// </summary>
internal sealed class PostgreSqlEventLog(NpgsqlDataSource database, TimeProvider clock, ILogger<PostgreSqlEventLog> log) : IEventLog, IAsyncDisposable
{
    private const long LeaderLock = 0x444f_5846_4545_4401;
    private const int MarksAtOnce = 128;

    // Marks that a backup brought along have transactions of another cluster, which may lie in the future of this one. They come first.
    private const string Adopt = "UPDATE orchestration.feed_marks SET xact = '0'::xid8 WHERE xact >= pg_snapshot_xmax(pg_current_snapshot())";

    // Whole transactions alone are taken, so that everything up to the last one's number is taken with it.
    private const string Number =
        """
        WITH due AS MATERIALIZED (
          SELECT xact FROM orchestration.feed_marks
          WHERE xact >= $1 AND xact < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xact FETCH FIRST $2 ROWS WITH TIES),
        taken AS (
          DELETE FROM orchestration.feed_marks m USING (SELECT max(xact) AS xact FROM due) d
          WHERE m.xact >= $1 AND m.xact <= d.xact RETURNING m.xact, m.at, m.ids, m.sequences),
        numbered AS (
          SELECT ids, sequences, cardinality(ids) AS count, sum(cardinality(ids)) OVER (ORDER BY xact, at, ids, sequences ROWS UNBOUNDED PRECEDING) AS upto FROM taken),
        kept AS (
          INSERT INTO orchestration.feed_pages (position, ids, sequences, created)
          SELECT $3 + upto - count + 1, ids, sequences, $4 FROM numbered RETURNING position + cardinality(ids) - 1 AS newest, sequences[1] = 0 AS is_raised)
        SELECT (SELECT count(*) FROM due), (SELECT max(xact) FROM due), (SELECT max(newest) FROM kept), (SELECT max(newest) FROM kept WHERE is_raised)
        """;

    private static readonly string Read = ReadOf("");

    // A statement writes into one table: a page is all of journals, or all of what was raised.
    private static readonly string ReadRaised = ReadOf(" AND p.sequences[1] = 0");

    private NpgsqlConnection? _lead;
    private ulong _taken;
    private long _oldest;
    private long _newest;

    // Of what this process numbered since it leads: from where on, and the last of it that was raised
    private long _ledFrom = long.MaxValue;
    private long _newestRaised;

    public async Task<bool> TryLeadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_lead is { State: ConnectionState.Open }) return true;
            await ResignAsync();
            var connection = await OwnSession.OpenAsync(database, OwnSession.NoticesLoss, cancellationToken);
            await using var take = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = LeaderLock } } };
            if (await take.ExecuteScalarAsync(cancellationToken) is not true)
            {
                await OwnSession.CloseAsync(connection);
                return false;
            }

            _lead = connection;
            await BeginAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(e, "The event feed's lead is lost, or can't be taken; trying again");
            await ResignAsync();
            return false;
        }
    }

    public async Task<bool> AdvanceAsync(CancellationToken cancellationToken)
    {
        if (_lead is null) return false;
        await using var number = new NpgsqlCommand(Number, _lead)
        {
            Parameters =
            {
                new() { Value = _taken, NpgsqlDbType = NpgsqlDbType.Xid8 }, new() { Value = MarksAtOnce }, new() { Value = _newest },
                new() { Value = clock.GetUtcNow() },
            },
        };
        await using var reader = await number.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var due = reader.GetInt64(0);
        if (due == 0) return false;
        _taken = reader.GetFieldValue<ulong>(1);
        if (_oldest == 0) Volatile.Write(ref _oldest, _newest + 1);
        if (!reader.IsDBNull(3)) Volatile.Write(ref _newestRaised, reader.GetInt64(3));
        Volatile.Write(ref _newest, reader.GetInt64(2));
        return due >= MarksAtOnce;
    }

    public async Task<(long Oldest, long Newest)> RangeAsync(CancellationToken cancellationToken) =>
        // Nobody but the leader numbers or trims.
        Volatile.Read(ref _ledFrom) == long.MaxValue ? await ReadRangeAsync(cancellationToken) : (Volatile.Read(ref _oldest), Volatile.Read(ref _newest));

    private async Task<(long Oldest, long Newest)> ReadRangeAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT (SELECT min(position) FROM orchestration.feed_pages), (SELECT position + cardinality(ids) - 1 FROM orchestration.feed_pages ORDER BY position DESC LIMIT 1)");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.IsDBNull(0) ? (0, 0) : (reader.GetInt64(0), reader.GetInt64(1));
    }

    public Task<IReadOnlyList<FeedRow>> ReadAfterAsync(long position, int most, CancellationToken cancellationToken) => ReadAsync(Read, position, most, cancellationToken);

    public Task<IReadOnlyList<FeedRow>> ReadRaisedAsync(long position, long last, CancellationToken cancellationToken)
    {
        // Runs alone write so much that looking through it for what was raised costs more than numbering it. Who numbered it knows.
        var isKnown = position >= Volatile.Read(ref _ledFrom) && last <= Volatile.Read(ref _newest);
        return isKnown && Volatile.Read(ref _newestRaised) <= position
            ? Task.FromResult<IReadOnlyList<FeedRow>>([])
            : ReadAsync(ReadRaised, position, last - position, cancellationToken);
    }

    private async Task<IReadOnlyList<FeedRow>> ReadAsync(string sql, long position, long most, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Put together of constants
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.Add(new() { Value = position });
        command.Parameters.Add(new() { Value = most });
        return await FeedRow.ReadAsync(command, static (reader, column) => reader.GetFieldValue<DateTimeOffset>(column), cancellationToken);
    }

    public async Task TrimAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "DELETE FROM orchestration.feed_pages WHERE created < $1 AND position < (SELECT max(position) FROM orchestration.feed_pages)");
        command.Parameters.Add(new() { Value = before });
        await command.ExecuteNonQueryAsync(cancellationToken);
        Volatile.Write(ref _oldest, (await ReadRangeAsync(cancellationToken)).Oldest);
    }

    public async ValueTask DisposeAsync() => await ResignAsync();

    private static string ReadOf(string which) =>
        "WITH first AS (SELECT COALESCE((SELECT max(position) FROM orchestration.feed_pages WHERE position <= $1 + 1), 0) AS position), "
        + $"pages AS MATERIALIZED (SELECT p.* FROM orchestration.feed_pages p, first WHERE p.position >= first.position AND p.position <= $1 + $2{which} ORDER BY p.position), "
        + "k AS (SELECT pages.position + u.n - 1 AS position, u.id, u.sequence FROM pages, unnest(pages.ids, pages.sequences) WITH ORDINALITY AS u(id, sequence, n) "
        + "WHERE pages.position + u.n - 1 > $1 AND pages.position + u.n - 1 <= $1 + $2) "
        + $"SELECT {FeedRow.Columns} FROM k{FeedRow.Joins("orchestration.")} ORDER BY k.position";

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        await using (var adopt = new NpgsqlCommand(Adopt, _lead)) await adopt.ExecuteNonQueryAsync(cancellationToken);
        _taken = 0;
        var (oldest, newest) = await ReadRangeAsync(cancellationToken);
        Volatile.Write(ref _oldest, oldest);
        Volatile.Write(ref _newest, newest);
        Volatile.Write(ref _newestRaised, 0);
        Volatile.Write(ref _ledFrom, newest);
        log.LogInformation("This process leads the event feed, from position {Position}", _newest);
    }

    private async Task ResignAsync()
    {
        if (_lead is not { } lead) return;
        _lead = null;
        Volatile.Write(ref _ledFrom, long.MaxValue);
        await OwnSession.CloseAsync(lead);
    }
}
