using Dox.Orchestration.Data;
using Npgsql;
using NpgsqlTypes;

namespace Dox.Orchestration.Engine.Storage.PostgreSql;

/// <summary>Claims: who comes later skips what another has locked, and each changes only what he locked.</summary>
internal static class ClaimStatements
{
    private const string Runs = $"{OrchestrationDbContext.SchemaName}.open_runs";

    // Within a priority the accounts take turns, each beginning with its oldest. One step of the recursion leads to the next account in the
    // index, so that this costs as much as there are accounts, however many runs one of them has. Mostly nothing is due: the first entry of the
    // index says so (asked whether there is one, a table without statistics is read from its beginning).
    private const string DueRuns =
        $"""
        WITH RECURSIVE accounts AS (
          (SELECT priority, account FROM {Runs} WHERE wake_at IS NOT NULL AND (SELECT wake_at FROM {Runs} WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT 1) <= $3 ORDER BY priority, account LIMIT 1)
          UNION ALL
          SELECT n.priority, n.account FROM accounts a CROSS JOIN LATERAL
            (SELECT r.priority, r.account FROM {Runs} r WHERE r.wake_at IS NOT NULL AND (r.priority, r.account) > (a.priority, a.account) ORDER BY r.priority, r.account LIMIT 1) n),
        due AS (
          SELECT r.id, a.priority, r.wake_at, row_number() OVER (PARTITION BY a.priority, a.account ORDER BY r.wake_at) AS turn FROM accounts a CROSS JOIN LATERAL
            (SELECT id, wake_at FROM {Runs} o WHERE o.priority = a.priority AND o.account = a.account AND o.wake_at <= $3 AND o.owner IS NULL AND NOT (o.rule_name = ANY($4)) ORDER BY o.wake_at LIMIT $2) r),
        chosen AS (SELECT id FROM due ORDER BY priority, turn, wake_at LIMIT $2)
        """;

    // Whoever counts what is held of a rule, to claim what is still allowed, does so alone.
    private const string LockRule = "SELECT pg_advisory_xact_lock(hashtextextended($1, 20261124))";

    private const string LimitedRuns =
        $"""
        WITH chosen AS (SELECT id FROM {Runs} WHERE rule_name = $4 AND owner IS NULL AND wake_at <= $3 ORDER BY priority, wake_at
          LIMIT least($2, greatest(0, $5 - (SELECT count(*) FROM {Runs} WHERE owner IS NOT NULL AND rule_name = $4))))
        """;

    /// <summary>The claim of a limited rule's runs: its last result is the rows.</summary>
    public static NpgsqlBatch For(RunClaim.Limited claim, NpgsqlDataSource database)
    {
        var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockRule) { Parameters = { new NpgsqlParameter<string> { TypedValue = claim.Rule } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql(LimitedRuns, "r.owner IS NULL AND r.wake_at <= $3", recovered: 0))
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = claim.Owner }, new NpgsqlParameter<int> { TypedValue = claim.Most }, Time(claim.Now),
                new NpgsqlParameter<string> { TypedValue = claim.Rule }, new NpgsqlParameter<int> { TypedValue = claim.AtOnce },
            },
        });
        return batch;
    }

    public static NpgsqlCommand For(RunClaim claim, NpgsqlDataSource database)
    {
        var command = database.CreateCommand(claim switch
        {
            RunClaim.Due => Sql(DueRuns, "r.owner IS NULL AND r.wake_at <= $3", recovered: 0),
            RunClaim.Abandoned => Sql($"WITH chosen AS (SELECT id FROM {Runs} WHERE owner = ANY($3) ORDER BY priority, id LIMIT $2 FOR UPDATE SKIP LOCKED)", "r.owner = ANY($3)", recovered: 1),
            _ => Sql($"WITH chosen AS (SELECT id FROM {Runs} WHERE owner = $1 AND updated_at < $3 AND NOT (id = ANY($4)) ORDER BY priority, id LIMIT $2)", "r.owner = $1 AND r.updated_at < $3", recovered: 0),
        });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = claim.Owner });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = claim.Most });
        switch (claim)
        {
            case RunClaim.Due due:
                command.Parameters.Add(Time(due.Now));
                command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. due.LimitedRules] });
                break;
            case RunClaim.Abandoned abandoned:
                command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. abandoned.Dead] });
                break;
            case RunClaim.Lost lost:
                command.Parameters.Add(Time(lost.Before));
                command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. lost.Held.Select(id => id.Value)] });
                break;
        }

        return command;
    }

    // The condition again where the rows are locked: another node may have been first.
    private static string Sql(string chosen, string free, int recovered) =>
        $"""
        {chosen},
        locked AS (SELECT r.id FROM {Runs} r WHERE r.id IN (SELECT id FROM chosen) AND {free} FOR UPDATE SKIP LOCKED)
        UPDATE {Runs} r SET owner = $1, token = r.token + 1, wake_at = NULL, recoveries = r.recoveries + {recovered}
        FROM locked WHERE r.id = locked.id
        RETURNING {RunRows.OpenColumnsOf("r")}
        """;

    private static NpgsqlParameter<DateTime> Time(DateTimeOffset time) => new() { TypedValue = time.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
