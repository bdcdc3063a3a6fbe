using System.Collections.Concurrent;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Npgsql;
using NpgsqlTypes;

namespace Dox.Orchestration.Engine.Storage.PostgreSql;

/// <summary>The engine's tables on PostgreSQL, in plain SQL. A batch is one round trip and one transaction; claims skip what others have locked.</summary>
internal sealed class PostgreSqlRunStore(NpgsqlDataSource database, TimeProvider clock) : IRunStore, IAsyncDisposable
{
    private const string Schema = OrchestrationDbContext.SchemaName;
    private const int AtOnce = 2;

    private readonly ConcurrentStack<BatchWriter> _idle = new(Enumerable.Range(0, AtOnce).Select(_ => new BatchWriter(database, clock)));
    private readonly SemaphoreSlim _room = new(AtOnce, AtOnce);

    public int WritesAtOnce => AtOnce;

    public async Task<IReadOnlyList<RunWriteResult>> WriteAsync(IReadOnlyList<RunWrite> batch, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        _idle.TryPop(out var writer);
        try
        {
            return await writer!.WriteAsync(batch, cancellationToken);
        }
        finally
        {
            _idle.Push(writer!);
            _room.Release();
        }
    }

    public async Task<IReadOnlyList<OpenRun>> ClaimAsync(RunClaim claim, CancellationToken cancellationToken)
    {
        if (claim is RunClaim.Limited limited) return await ClaimAsync(limited, cancellationToken);
        await using var command = ClaimStatements.For(claim, database);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<OpenRun>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(RunRows.Open(reader));
        return rows;
    }

    public async Task ReleaseAsync(string owner, IReadOnlyList<RunRelease> releases, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            UPDATE {Schema}.open_runs r SET owner = NULL, wake_at = w.wake_at FROM unnest($2, $3, $4) AS w(id, token, wake_at)
            WHERE r.id = w.id AND r.owner = $1 AND r.token = w.token
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. releases.Select(r => r.Run.Value)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. releases.Select(r => r.Token)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. releases.Select(r => r.WakeAt.UtcDateTime)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<string>> OwnersAsync(CancellationToken cancellationToken)
    {
        // From one owner to the next along the index: its entries aren't read one by one.
        await using var command = database.CreateCommand(
            $"""
            WITH RECURSIVE o AS (
              (SELECT owner FROM {Schema}.open_runs WHERE owner IS NOT NULL ORDER BY owner LIMIT 1)
              UNION ALL
              SELECT (SELECT r.owner FROM {Schema}.open_runs r WHERE r.owner > o.owner ORDER BY r.owner LIMIT 1) FROM o WHERE o.owner IS NOT NULL)
            SELECT owner FROM o WHERE owner IS NOT NULL
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var owners = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) owners.Add(reader.GetString(0));
        return owners;
    }

    public async Task<IReadOnlyDictionary<Id<Workflow>, RunIntent>> IntentsAsync(string owner, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"SELECT id, intent, intent_by, intent_reason FROM {Schema}.open_runs WHERE owner = $1 AND intent IS NOT NULL");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var intents = new Dictionary<Id<Workflow>, RunIntent>();
        while (await reader.ReadAsync(cancellationToken)) intents[new(reader.GetGuid(0))] = RunRows.Intent(reader, 1)!;
        return intents;
    }

    public async Task<IntentOutcome> SetIntentAsync(Id<Workflow> run, RunIntent? intent, AuditRecord? audit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var outcome = await SetIntentAsync(connection, run, intent, cancellationToken);
        if (outcome == IntentOutcome.Left && audit is not null) await AuditTrail.AppendAsync(transaction, Schema, [audit], clock.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return outcome;
    }

    public async Task<RunRow?> FindAsync(Id<Workflow> run, CancellationToken cancellationToken)
    {
        // Ended last: a run that ends between the two reads is then found in the second.
        foreach (var (columns, table) in new[] { (RunRows.OpenColumns, "open_runs"), (RunRows.EndedColumns, "ended_runs") })
        {
            await using var command = database.CreateCommand($"SELECT {columns} FROM {Schema}.{table} WHERE id = $1");
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = run.Value });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken)) return table == "open_runs" ? RunRows.Open(reader) : RunRows.Ended(reader);
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in _idle) await writer.DisposeAsync();
        _room.Dispose();
    }

    private async Task<IReadOnlyList<OpenRun>> ClaimAsync(RunClaim.Limited claim, CancellationToken cancellationToken)
    {
        await using var batch = ClaimStatements.For(claim, database);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var rows = new List<OpenRun>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(RunRows.Open(reader));
        return rows;
    }

    private static async Task<IntentOutcome> SetIntentAsync(NpgsqlConnection connection, Id<Workflow> run, RunIntent? intent, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            WITH r AS (SELECT id, owner FROM {Schema}.open_runs WHERE id = $1 FOR UPDATE),
            u AS (UPDATE {Schema}.open_runs o SET intent = $2, intent_by = $3, intent_reason = $4 FROM r WHERE o.id = r.id AND r.owner IS NOT NULL {RunRows.MayReplaceIntent("$2")} RETURNING o.id)
            SELECT (SELECT count(*) FROM u), (SELECT count(*) FROM r), (SELECT count(*) FROM r WHERE owner IS NOT NULL)
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = run.Value });
        command.Parameters.Add(Text(intent?.Kind.ToString()));
        command.Parameters.Add(Text(intent?.By));
        command.Parameters.Add(Text(ColumnText.Of(intent?.Reason, RunIntent.LongestReason)));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetInt64(0) > 0 ? IntentOutcome.Left : reader.GetInt64(2) > 0 ? IntentOutcome.Stands : reader.GetInt64(1) > 0 ? IntentOutcome.NotHeld : IntentOutcome.NotOpen;
    }

    private static NpgsqlParameter<string?> Text(string? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };
}
