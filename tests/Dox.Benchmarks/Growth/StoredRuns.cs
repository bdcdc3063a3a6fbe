using System.Globalization;
using Npgsql;

namespace Dox.Benchmarks.Growth;

/// <summary>History by the million, made in the database: copies of one run that the engine ran, each with an id and times of its own.</summary>
internal static class StoredRuns
{
    private const int Portion = 50_000;

    /// <param name="connectionString">Of a database in which a run has ended.</param>
    /// <param name="count">How many runs; they lie a second apart, the last one now.</param>
    /// <param name="journal">With their journals.</param>
    public static async Task CopyAsync(string connectionString, int count, bool journal)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 600 }.ConnectionString);
        var run = (Guid)(await database.CreateCommand("SELECT id FROM orchestration.ended_runs LIMIT 1").ExecuteScalarAsync())!;
        for (var from = 0; from < count; from += Portion)
        {
            var to = Math.Min(count, from + Portion);
            // First: the host that looks on takes a run without its journal for a broken one
            if (journal) await database.ExecuteAsync(await CopyAsync(database, "journal", "workflow_id", run, from, to, count));
            await database.ExecuteAsync(await CopyAsync(database, "ended_runs", "id", run, from, to, count));
        }

        await database.ExecuteAsync("ANALYZE");
    }

    /// <summary>Versions of a rule that are no longer in use.</summary>
    public static async Task CopyRuleVersionsAsync(string connectionString, int count)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await database.ExecuteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"INSERT INTO orchestration.rule_versions (hash, name, version, source, loaded) SELECT md5(i::text) || md5((-i)::text), v.name, '0.' || i || '.0', v.source, v.loaded FROM (SELECT * FROM orchestration.rule_versions LIMIT 1) v, generate_series(1, {count}) i"));
    }

    private static async Task<string> CopyAsync(NpgsqlDataSource database, string table, string key, Guid run, int from, int to, int count)
    {
        var columns = new List<string>();
        await using var command = database.CreateCommand(
            $"SELECT column_name FROM information_schema.columns WHERE table_schema = 'orchestration' AND table_name = '{table}' AND is_generated = 'NEVER' AND is_identity = 'NO'");
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) columns.Add(reader.GetString(0));
        }

        var values = columns.Select(c =>
            c == key ? "n.id"
            : c is "started_at" or "updated_at" or "ended_at" ? $"n.at + (r.{c} - first.at)"
            : c == "document_id" ? "NULL::uuid"
            : $"r.\"{c}\"");
        return string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO orchestration.{table} ({string.Join(", ", columns.Select(c => $"\"{c}\""))})
            SELECT {string.Join(", ", values)}
            FROM orchestration.{table} r, (SELECT started_at AS at FROM orchestration.ended_runs WHERE id = '{run}') first,
              (SELECT at, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 5, 15))::uuid AS id
               FROM (SELECT i, now() - make_interval(secs => {count} - i) AS at FROM generate_series({from}, {to - 1}) i) s) n
            WHERE r.{key} = '{run}'
            """);
    }

    private static async Task ExecuteAsync(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
