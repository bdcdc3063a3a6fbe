using Dox.Orchestration.Data;
using Dox.Testing.Servers;
using Npgsql;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>What a session was made ready for is nobody else's, though the pool hands it on as it is.</summary>
public sealed class OwnSessionTests
{
    [Test]
    public async Task Session_goes_back_without_its_settings_and_locks()
    {
        var connection = new NpgsqlConnectionStringBuilder(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync()) { NoResetOnClose = true };
        await using var database = NpgsqlDataSource.Create(connection);
        var own = await OwnSession.OpenAsync(database, "SET enable_seqscan = off", CancellationToken.None);
        var session = own.ProcessID;
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_lock(1)", own)) await take.ExecuteNonQueryAsync();
        await OwnSession.CloseAsync(own);

        await using var next = await database.OpenConnectionAsync();
        Assert.That(next.ProcessID, Is.EqualTo(session), "It is the same session.");
        await using var look = new NpgsqlCommand("SELECT current_setting('enable_seqscan'), count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()", next);
        await using var reader = await look.ExecuteReaderAsync();
        await reader.ReadAsync();
        Assert.That((reader.GetString(0), reader.GetInt64(1)), Is.EqualTo(("on", 0L)));
    }
}
