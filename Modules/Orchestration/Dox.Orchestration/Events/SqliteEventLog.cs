using Dox.Orchestration.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Events;

/// <summary>
/// On SQLite one transaction writes at a time, so the order of writing is the order of committing: triggers note each new row's key in
/// <c>feed_entries</c>, whose key grows. The only process on the file is the leader.
/// </summary>
internal sealed class SqliteEventLog(IServiceScopeFactory scopes) : IEventLog
{
    private static readonly string Read =
        "WITH k AS (SELECT position, id, sequence FROM feed_entries WHERE position > $position ORDER BY position LIMIT $most) "
        + $"SELECT {FeedRow.Columns} FROM k{FeedRow.Joins("")} ORDER BY k.position";

    private static readonly string ReadRaised =
        "WITH k AS (SELECT position, id, sequence FROM feed_entries WHERE position > $position AND position <= $last AND sequence = 0) "
        + $"SELECT {FeedRow.Columns} FROM k{FeedRow.Joins("")} ORDER BY k.position";

    public Task<bool> TryLeadAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<bool> AdvanceAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<(long Oldest, long Newest)> RangeAsync(CancellationToken cancellationToken) => QueryAsync(
        "SELECT COALESCE(min(position), 0), COALESCE(max(position), 0) FROM feed_entries", [],
        async command =>
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return (reader.GetInt64(0), reader.GetInt64(1));
        },
        cancellationToken);

    public Task<IReadOnlyList<FeedRow>> ReadAfterAsync(long position, int most, CancellationToken cancellationToken) => QueryAsync<IReadOnlyList<FeedRow>>(
        Read, [new("$position", position), new("$most", most)],
        async command => await FeedRow.ReadAsync(command, static (reader, column) => new(reader.GetInt64(column), TimeSpan.Zero), cancellationToken),
        cancellationToken);

    public Task<IReadOnlyList<FeedRow>> ReadRaisedAsync(long position, long last, CancellationToken cancellationToken) => QueryAsync<IReadOnlyList<FeedRow>>(
        ReadRaised, [new("$position", position), new("$last", last)],
        async command => await FeedRow.ReadAsync(command, static (reader, column) => new(reader.GetInt64(column), TimeSpan.Zero), cancellationToken),
        cancellationToken);

    public async Task TrimAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        // An entry's time is its row's; entries whose row is gone go too.
        await db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM feed_entries WHERE position < (
              SELECT COALESCE(min(f.position), (SELECT max(position) FROM feed_entries)) FROM feed_entries f
              LEFT JOIN journal j ON f.sequence > 0 AND j.workflow_id = f.id AND j.sequence = f.sequence
              LEFT JOIN raised_events r ON f.sequence = 0 AND r.event_id = f.id
              WHERE COALESCE(j.started_at, r.occurred) >= {before.UtcTicks})
            """,
            cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    private async Task<T> QueryAsync<T>(string sql, SqliteParameter[] parameters, Func<SqliteCommand, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var command = ((SqliteConnection)db.Database.GetDbConnection()).CreateCommand();
#pragma warning disable CA2100 // Put together of constants
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        return await read(command);
    }
}
