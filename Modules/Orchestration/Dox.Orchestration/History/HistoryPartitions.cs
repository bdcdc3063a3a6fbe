using System.Globalization;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Infrastructure.Audit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dox.Orchestration.History;

/// <summary>
/// History's partitions on PostgreSQL. All that changes them gives up after half a second where somebody is in the way, and is tried again
/// later: until then new rows lie where no range is, and old ones are kept a little longer.
/// </summary>
internal sealed class HistoryPartitions(NpgsqlDataSource database, IOptions<RetentionOptions> options, TimeProvider clock, ILogger<HistoryPartitions> log)
{
    /// <summary>The advisory lock of who changes partitions; who puts a document under hold shares it.</summary>
    public const long Lock = 0x444f_5848_4953_5401;

    private const string Schema = OrchestrationDbContext.SchemaName;

    private static readonly (string Table, string Key)[] Tables = [(Partition.Runs, "id"), (Partition.Entries, "workflow_id")];

    public async Task<List<Partition>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await Partition.ReadAsync(connection, Partition.Runs, cancellationToken);
    }

    /// <summary>Creates the ranges up to one behind the present one, and brings in what came before there was one for it.</summary>
    /// <returns>False: another process is at it, or in the way.</returns>
    public async Task<bool> CreateAheadAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var width = TimeSpan.FromDays(options.Value.PartitionDays);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var known = await Partition.ReadAsync(connection, Partition.Runs, cancellationToken);
        if (known.Count == 0 || known[^1].Ended >= now + width) return true;
        return await WhileAloneAsync(connection, async _ =>
        {
            var end = (await Partition.ReadAsync(connection, Partition.Runs, cancellationToken))[^1].Ended;
            while (end < now + width)
            {
                // Where nobody was at work for long, one range is enough for that time.
                var next = end + width;
                if (next < now - width) next = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
                await CreateAsync(connection, end, next, cancellationToken);
                end = next;
            }
        }, cancellationToken);
    }

    /// <summary>
    /// Drops the oldest range. What must be kept of it goes to <see cref="Partition.Past"/>: runs that ended since, runs of documents under
    /// hold, and the journals of runs that are still open.
    /// </summary>
    /// <param name="oldest">The one behind <see cref="Partition.Past"/>.</param>
    /// <param name="endedBefore">What ended later is kept.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>False: another process is at it, or in the way.</returns>
    public async Task<bool> DropAsync(Partition oldest, DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await WhileAloneAsync(connection, async transaction =>
        {
            if ((await Partition.ReadAsync(connection, Partition.Runs, cancellationToken)).Find(p => p.From is not null) != oldest) return;
            // Nobody writes into these any more, or he waits; others go on.
            await ExecuteAsync(connection, $"LOCK TABLE {oldest.RunsTable}, {Partition.Runs}_past, {oldest.EntriesTable}, {Partition.Entries}_past IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
            var counts = await CountAsync(connection, oldest, endedBefore, cancellationToken);
            await ExecuteAsync(
                connection,
                $"""
                CREATE TEMP TABLE kept_runs ON COMMIT DROP AS SELECT r.* FROM {oldest.RunsTable} r WHERE {IsKept(endedBefore)};
                CREATE TEMP TABLE kept_entries ON COMMIT DROP AS SELECT j.* FROM {oldest.EntriesTable} j WHERE j.workflow_id IN (
                  SELECT id FROM kept_runs UNION ALL SELECT id FROM {Schema}.open_runs WHERE id >= '{oldest.From}' AND id < '{oldest.To}');
                LOCK TABLE {Partition.Runs}, {Partition.Entries} IN ACCESS EXCLUSIVE MODE;
                """, cancellationToken);
            foreach (var (table, _) in Tables)
            {
                var kept = table == Partition.Runs ? "kept_runs" : "kept_entries";
                await ExecuteAsync(
                    connection,
                    $"""
                    ALTER TABLE {table} DETACH PARTITION {table}_past;
                    DROP TABLE {table}_{oldest.Name};
                    INSERT INTO {table}_past SELECT * FROM {kept};
                    ALTER TABLE {table} ATTACH PARTITION {table}_past FOR VALUES FROM (MINVALUE) TO ('{oldest.To}');
                    """, cancellationToken);
            }

            await AuditTrail.AppendAsync(transaction, Schema, [RetentionRecord.Of(oldest.Ended, endedBefore, counts)], clock.GetUtcNow(), cancellationToken);
            log.LogInformation("History before {Before} is dropped: {Runs} runs, {Entries} journal entries; {Kept} runs of that time are kept", oldest.Ended, counts.Runs, counts.Entries, counts.Kept);
        }, cancellationToken);
    }

    /// <summary>What dropping the range would take, and what it would keep.</summary>
    public async Task<DueCounts> CountAsync(Partition partition, DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await CountAsync(connection, partition, endedBefore, cancellationToken);
    }

    private static async Task<DueCounts> CountAsync(NpgsqlConnection connection, Partition partition, DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection,
            $"""
            SELECT count(*) FILTER (WHERE NOT kept), count(*) FILTER (WHERE kept), COALESCE(sum(journal_length) FILTER (WHERE NOT kept), 0)::bigint
            FROM (SELECT r.journal_length, {IsKept(endedBefore)} AS kept FROM {partition.RunsTable} r) r
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(reader.GetInt64(0), reader.GetInt64(2), reader.GetInt64(1));
    }

    private static string IsKept(DateTimeOffset endedBefore) => string.Create(
        CultureInfo.InvariantCulture,
        $"(r.ended_at >= '{endedBefore.UtcDateTime:O}' OR EXISTS (SELECT 1 FROM {Schema}.documents d WHERE d.id = r.document_id AND d.held_since IS NOT NULL))");

    private static async Task CreateAsync(NpgsqlConnection connection, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var partition = new Partition(string.Create(CultureInfo.InvariantCulture, $"p{from.UtcDateTime:yyyyMMdd}"), IdTime.First(from), IdTime.First(to));
        foreach (var (table, key) in Tables)
        {
            var name = $"{table}_{partition.Name}";
            // Made apart and put in its place afterwards: that holds nobody up.
            await ExecuteAsync(
                connection,
                $"""
                CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS);
                WITH early AS (DELETE FROM {table}_rest WHERE {key} >= '{partition.From}' AND {key} < '{partition.To}' RETURNING *) INSERT INTO {name} SELECT * FROM early;
                ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{partition.From}') TO ('{partition.To}');
                """, cancellationToken);
        }
    }

    private async Task<bool> WhileAloneAsync(NpgsqlConnection connection, Func<NpgsqlTransaction, Task> change, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Shorter than what a deadlock is noticed after: who gives way then is this, never a flush.
        await ExecuteAsync(connection, "SET LOCAL lock_timeout = '500ms'", cancellationToken);
        await using (var alone = Command(connection, $"SELECT pg_try_advisory_xact_lock({Lock})"))
        {
            if (await alone.ExecuteScalarAsync(cancellationToken) is not true) return false;
        }

        try
        {
            await change(transaction);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            log.LogInformation(e, "History's partitions are in use; changing them is tried again later");
            return false;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) =>
#pragma warning disable CA2100 // Names of tables, ids and times, all made here
        new(sql, connection) { CommandTimeout = 600 };
#pragma warning restore CA2100
}

/// <summary>What retention takes and keeps.</summary>
internal sealed record DueCounts(long Runs, long Entries, long Kept);

/// <summary>How the audit tells of what retention took: whoever checks the chains knows from it what isn't missing.</summary>
internal static class RetentionRecord
{
    public const string Action = "history.retention";

    public static AuditRecord Of(DateTimeOffset begunBefore, DateTimeOffset endedBefore, DueCounts counts) => new(
        SharedKernel.Access.Caller.System, "system", Action, "ended_runs", $"Runs that began before {begunBefore:O} and ended before {endedBefore:O}.",
        Details: new JsonObject
        {
            ["begun_before"] = begunBefore,
            ["ended_before"] = endedBefore,
            ["runs"] = counts.Runs,
            ["entries"] = counts.Entries,
            ["kept"] = counts.Kept,
        });
}
