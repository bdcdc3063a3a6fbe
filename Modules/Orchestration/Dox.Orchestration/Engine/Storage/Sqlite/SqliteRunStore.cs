using Dox.Orchestration.Data;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.Data.Sqlite;

namespace Dox.Orchestration.Engine.Storage.Sqlite;

/// <summary>
/// The engine's tables on SQLite, in plain SQL. A batch is one transaction, synced in full, behind the gate that every writer of the file
/// passes. There is one process, so that claims need no locks.
/// </summary>
internal sealed class SqliteRunStore(SqliteFiles files, TimeProvider clock) : IRunStore, IDisposable
{
    // Within a priority the accounts take turns, each beginning with its oldest. One step of the recursion leads to the next account in the index.
    private const string DueRuns =
        """
        WITH RECURSIVE accounts(priority, account) AS (
          SELECT * FROM (SELECT priority, account FROM open_runs WHERE wake_at IS NOT NULL AND EXISTS (SELECT 1 FROM open_runs WHERE wake_at <= $now) ORDER BY priority, account LIMIT 1)
          UNION ALL
          SELECT r.priority, r.account FROM accounts a JOIN open_runs r ON r.id =
            (SELECT n.id FROM open_runs n WHERE n.wake_at IS NOT NULL AND (n.priority, n.account) > (a.priority, a.account) ORDER BY n.priority, n.account LIMIT 1)),
        due AS (
          SELECT r.id, a.priority, r.wake_at, row_number() OVER (PARTITION BY a.priority, a.account ORDER BY r.wake_at) AS turn
          FROM accounts a JOIN open_runs r ON r.priority = a.priority AND r.account = a.account AND r.wake_at <= $now AND r.owner IS NULL AND r.rule_name NOT IN (SELECT value FROM json_each($limited)))
        SELECT id FROM due ORDER BY priority, turn, wake_at LIMIT $most
        """;

    private const string LimitedRuns =
        """
        SELECT id FROM open_runs WHERE rule_name = $rule AND owner IS NULL AND wake_at <= $now ORDER BY priority, wake_at
        LIMIT min($most, max(0, $at_once - (SELECT count(*) FROM open_runs WHERE owner IS NOT NULL AND rule_name = $rule)))
        """;

    private SqliteConnection? _connection;
    private SqliteWrites? _writes;

    /// <summary>One: SQLite has one writer.</summary>
    public int WritesAtOnce => 1;

    public async Task<IReadOnlyList<RunWriteResult>> WriteAsync(IReadOnlyList<RunWrite> batch, CancellationToken cancellationToken)
    {
        using var gate = await files.EnterAsync(OrchestrationDbContext.SchemaName, cancellationToken);
        _connection ??= Open();
        _writes ??= new SqliteWrites(_connection);
        var results = new RunWriteResult[batch.Count];
        using var transaction = _connection.BeginTransaction();
        var audit = new List<AuditRecord>();
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = _writes.Make(batch[i]);
            if (batch[i].Audit is { } record && results[i].Outcome == RunWriteOutcome.Written) audit.Add(record);
        }

        if (audit.Count > 0) await AuditTrail.AppendAsync(transaction, schema: null, audit, clock.GetUtcNow(), cancellationToken);
        transaction.Commit();
        return results;
    }

    public Task<IReadOnlyList<OpenRun>> ClaimAsync(RunClaim claim, CancellationToken cancellationToken) => InWriteAsync<IReadOnlyList<OpenRun>>(command =>
    {
        var chosen = claim switch
        {
            RunClaim.Due => DueRuns,
            RunClaim.Limited => LimitedRuns,
            RunClaim.Abandoned => "SELECT id FROM open_runs WHERE owner IN (SELECT value FROM json_each($dead)) ORDER BY priority, id LIMIT $most",
            _ => "SELECT id FROM open_runs WHERE owner = $owner AND updated_at < $before AND id NOT IN (SELECT value FROM json_each($held)) ORDER BY priority, id LIMIT $most",
        };
        command.CommandText =
            $"""
            UPDATE open_runs SET owner = $owner, token = token + 1, wake_at = NULL, recoveries = recoveries + $recovered
            WHERE id IN ({chosen}) RETURNING {RunRows.OpenColumns}
            """;
        command.Parameters.AddWithValue("$owner", claim.Owner);
        command.Parameters.AddWithValue("$most", claim.Most);
        command.Parameters.AddWithValue("$recovered", claim is RunClaim.Abandoned ? 1 : 0);
        if (claim is RunClaim.Due due)
        {
            command.Parameters.AddWithValue("$now", due.Now.UtcTicks);
            command.Parameters.AddWithValue("$limited", Json(due.LimitedRules));
        }

        if (claim is RunClaim.Limited limited)
        {
            command.Parameters.AddWithValue("$now", limited.Now.UtcTicks);
            command.Parameters.AddWithValue("$rule", limited.Rule);
            command.Parameters.AddWithValue("$at_once", limited.AtOnce);
        }

        if (claim is RunClaim.Abandoned abandoned) command.Parameters.AddWithValue("$dead", Json(abandoned.Dead));
        if (claim is RunClaim.Lost lost)
        {
            command.Parameters.AddWithValue("$before", lost.Before.UtcTicks);
            command.Parameters.AddWithValue("$held", Json(lost.Held.Select(id => id.Value.ToString("D").ToUpperInvariant())));
        }

        var rows = new List<OpenRun>();
        using var reader = command.ExecuteReader();
        while (reader.Read()) rows.Add(RunRows.Open(reader));
        return rows;
    }, cancellationToken);

    public Task ReleaseAsync(string owner, IReadOnlyList<RunRelease> releases, CancellationToken cancellationToken) => InWriteAsync(command =>
    {
        command.CommandText = "UPDATE open_runs SET owner = NULL, wake_at = $wake_at WHERE id = $id AND owner = $owner AND token = $token";
        command.Parameters.AddWithValue("$owner", owner);
        var (id, token, wakeAt) = (command.Parameters.AddWithValue("$id", DBNull.Value), command.Parameters.AddWithValue("$token", 0L), command.Parameters.AddWithValue("$wake_at", 0L));
        foreach (var release in releases)
        {
            (id.Value, token.Value, wakeAt.Value) = (release.Run.Value, release.Token, release.WakeAt.UtcTicks);
            command.ExecuteNonQuery();
        }

        return releases.Count;
    }, cancellationToken);

    public async Task<IReadOnlyList<string>> OwnersAsync(CancellationToken cancellationToken)
    {
        await using var connection = files.Connect(OrchestrationDbContext.SchemaName);
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT DISTINCT owner FROM open_runs WHERE owner IS NOT NULL";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var owners = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) owners.Add(reader.GetString(0));
        return owners;
    }

    public async Task<IReadOnlyDictionary<Id<Workflow>, RunIntent>> IntentsAsync(string owner, CancellationToken cancellationToken)
    {
        await using var connection = files.Connect(OrchestrationDbContext.SchemaName);
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, intent, intent_by, intent_reason FROM open_runs WHERE owner = $owner AND intent IS NOT NULL";
        command.Parameters.AddWithValue("$owner", owner);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var intents = new Dictionary<Id<Workflow>, RunIntent>();
        while (await reader.ReadAsync(cancellationToken)) intents[new(reader.GetGuid(0))] = RunRows.Intent(reader, 1)!;
        return intents;
    }

    public async Task<IntentOutcome> SetIntentAsync(Id<Workflow> run, RunIntent? intent, AuditRecord? audit, CancellationToken cancellationToken)
    {
        using var gate = await files.EnterAsync(OrchestrationDbContext.SchemaName, cancellationToken);
        _connection ??= Open();
        using var transaction = _connection.BeginTransaction();
        using var command = _connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "UPDATE open_runs SET intent = $intent, intent_by = $by, intent_reason = $reason WHERE id = $id AND owner IS NOT NULL " + RunRows.MayReplaceIntent("$intent");
        command.Parameters.AddWithValue("$id", run.Value);
        command.Parameters.AddWithValue("$intent", (object?)intent?.Kind.ToString() ?? DBNull.Value);
        command.Parameters.AddWithValue("$by", (object?)intent?.By ?? DBNull.Value);
        command.Parameters.AddWithValue("$reason", (object?)ColumnText.Of(intent?.Reason, RunIntent.LongestReason) ?? DBNull.Value);
        if (command.ExecuteNonQuery() == 0)
        {
            command.CommandText = "SELECT CASE WHEN owner IS NULL THEN 1 ELSE 2 END FROM open_runs WHERE id = $id";
            return command.ExecuteScalar() switch { 1L => IntentOutcome.NotHeld, 2L => IntentOutcome.Stands, _ => IntentOutcome.NotOpen };
        }

        if (audit is not null) await AuditTrail.AppendAsync(transaction, schema: null, [audit], clock.GetUtcNow(), cancellationToken);
        transaction.Commit();
        return IntentOutcome.Left;
    }

    public async Task<RunRow?> FindAsync(Id<Workflow> run, CancellationToken cancellationToken)
    {
        await using var connection = files.Connect(OrchestrationDbContext.SchemaName);
        await connection.OpenAsync(cancellationToken);
        // Ended last: a run that ends between the two reads is then found in the second.
        foreach (var (columns, table) in new[] { (RunRows.OpenColumns, "open_runs"), (RunRows.EndedColumns, "ended_runs") })
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the two constants
            command.CommandText = $"SELECT {columns} FROM {table} WHERE id = $id";
#pragma warning restore CA2100
            command.Parameters.AddWithValue("$id", run.Value);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken)) return table == "open_runs" ? RunRows.Open(reader) : RunRows.Ended(reader);
        }

        return null;
    }

    public void Dispose()
    {
        _writes?.Dispose();
        _connection?.Dispose();
    }

    private static string Json(IEnumerable<string> values) => System.Text.Json.JsonSerializer.Serialize(values);

    private async Task<TResult> InWriteAsync<TResult>(Func<SqliteCommand, TResult> work, CancellationToken cancellationToken)
    {
        using var gate = await files.EnterAsync(OrchestrationDbContext.SchemaName, cancellationToken);
        _connection ??= Open();
        using var transaction = _connection.BeginTransaction();
        using var command = _connection.CreateCommand();
        command.Transaction = transaction;
        var result = work(command);
        transaction.Commit();
        return result;
    }

    private SqliteConnection Open()
    {
        var connection = files.Connect(OrchestrationDbContext.SchemaName);
        connection.Open();
        using var command = connection.CreateCommand();
        // A commit is on the disk when it returns, whatever SQLite was built with.
        command.CommandText = "PRAGMA synchronous = FULL";
        command.ExecuteNonQuery();
        return connection;
    }
}
