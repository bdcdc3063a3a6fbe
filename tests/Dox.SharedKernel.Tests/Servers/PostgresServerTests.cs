using Dox.Testing.Servers;
using Npgsql;

namespace Dox.SharedKernel.Tests.Servers;

public sealed class PostgresServerTests
{
    [Test]
    public async Task Each_database_is_a_fresh_one()
    {
        var server = await PostgresServer.SharedAsync();
        var first = await server.CreateDatabaseAsync();
        var second = await server.CreateDatabaseAsync();

        await ExecuteAsync(first, "create table mine (id int)");

        Assert.That(await ExecuteAsync(second, "select to_regclass('mine') is null"), Is.True);
    }

    [Test]
    public async Task All_tests_of_a_process_share_one_server()
    {
        var both = await Task.WhenAll(PostgresServer.SharedAsync(), PostgresServer.SharedAsync());

        Assert.That(both[0], Is.SameAs(both[1]));
    }

    [Test]
    public async Task The_shared_server_is_not_for_a_test_to_stop()
    {
        var server = await PostgresServer.SharedAsync();

        Assert.That(server.StopAsync, Throws.InvalidOperationException);
    }

    [Test]
    public async Task A_durable_server_keeps_over_a_crash_what_was_committed()
    {
        await using var server = await PostgresServer.StartPrivateAsync(durable: true);
        var database = await server.CreateDatabaseAsync();
        await ExecuteAsync(database, "create table kept as select 42 as answer");

        await server.KillAsync();
        Assert.That(() => ExecuteAsync(database, "select 1"), Throws.InstanceOf<NpgsqlException>());
        await server.StartAsync();

        Assert.That(await ExecuteAsync(database, "select answer from kept"), Is.EqualTo(42));
        Assert.That(await ExecuteAsync(database, "show fsync"), Is.EqualTo("on"));
    }

    [Test]
    public void A_named_server_that_does_not_answer_is_an_error_and_no_reason_to_take_another()
    {
        var nobody = LocalServer.FreePort();

        Assert.That(
            () => PostgresServer.FromEnvironmentAsync($"Host=127.0.0.1;Port={nobody};Username=dox;Timeout=2"),
            Throws.InstanceOf<ServerUnavailableException>().With.Message.Contains("DOX_TEST_POSTGRES").And.Message.Contains($"{nobody}"));
    }

    [Test]
    public async Task A_named_server_loses_the_databases_that_old_runs_left_and_no_others()
    {
        await using var server = await PostgresServer.StartPrivateAsync();
        await ExecuteAsync(server.ConnectionString, "create database dox_test_200001010000_abc");
        await ExecuteAsync(server.ConnectionString, "create database theirs");
        var recent = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()).Database;

        var named = await PostgresServer.FromEnvironmentAsync(server.ConnectionString);

        Assert.That(
            await ExecuteAsync(named.ConnectionString, "select array_agg(datname::text order by datname) from pg_database where datname like 'dox%' or datname = 'theirs'"),
            Is.EqualTo(new[] { recent, "theirs" }));
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
#pragma warning disable CA2100 // the statements stand in this file
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}
