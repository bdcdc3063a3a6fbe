using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Servers;
using Npgsql;

namespace Dox.SharedKernel.Tests.Data;

/// <summary>Sessions of PostgreSQL that are handed on with what was prepared on them.</summary>
public sealed class SessionTests
{
    // More often than the driver waits for before it prepares a statement
    private const int Often = 10;

    [Test]
    public async Task Statement_that_was_prepared_outlives_another_replicas_migration()
    {
        await using var database = ModuleDatabaseRegistration.PostgreSqlSource(new DatabaseOptions { ConnectionString = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync() });
        await ExecuteAsync(database, "CREATE TABLE things (name varchar(10)); INSERT INTO things VALUES ('one')");
        for (var i = 0; i < Often; i++) await ReadAsync(database);
        Assert.That(await PreparedAsync(database), Is.True);

        await ExecuteAsync(database, "ALTER TABLE things ALTER COLUMN name TYPE text");
        try
        {
            await ReadAsync(database);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.FeatureNotSupported)
        {
            // "cached plan must not change result type", once
        }

        Assert.That(await ReadAsync(database), Is.EqualTo("one"));
    }

    private static async Task<string> ReadAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT name FROM things");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<bool> PreparedAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT EXISTS (SELECT 1 FROM pg_prepared_statements WHERE statement = 'SELECT name FROM things')");
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
#pragma warning disable CA2100 // constants of this test
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
