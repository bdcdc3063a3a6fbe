using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using Npgsql;

namespace Dox.Orchestration.Tests.Workflows;

/// <summary>Lists are read from the replica where there is one. Here that is a copy which stands still, so what it lags behind by is seen.</summary>
public sealed class ReadReplicaTests
{
    [Test]
    public async Task Lists_show_the_replica_and_single_things_the_database()
    {
        var server = await PostgresServer.SharedAsync();
        var main = await server.CreateDatabaseAsync();
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Dox:Database:ConnectionString"] = main };
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup { Database = DatabaseProvider.PostgreSql, Settings = settings });
        var (old, oldRun) = await SendAsync(host, "before the copy");
        await host.WhenQuiet();
        await host.StopAsync();
        settings["Dox:Database:ReadOnlyConnectionString"] = await CopyAsync(server, main);
        await host.StartAgainAsync();
        var (young, youngRun) = await SendAsync(host, "behind the copy");

        var documents = (await host.Client.GetJsonAsync("/api/v1/documents"))["documents"]!.AsArray().Select(d => (string)d!["document_id"]!);
        var runs = (await host.Client.GetJsonAsync("/api/v1/workflows"))["workflows"]!.AsArray().Select(w => (string)w!["workflow_id"]!);
        var one = await host.Client.GetJsonAsync($"/api/v1/documents/{young}");
        Assert.Multiple(() =>
        {
            Assert.That(documents, Is.EqualTo(new[] { old }));
            Assert.That(runs, Is.EqualTo(new[] { oldRun }));
            Assert.That((string?)one["workflow_id"], Is.EqualTo(youngRun));
        });
    }

    private static async Task<(string Document, string Run)> SendAsync(DoxHostFixture host, string text)
    {
        using var answer = await host.Client.SendPdfAsync(TestPdf.With(text));
        var json = await answer.JsonAsync();
        return ((string)json["document_id"]!, (string)json["workflow_id"]!);
    }

    private static async Task<string> CopyAsync(PostgresServer server, string main)
    {
        var name = new NpgsqlConnectionStringBuilder(main).Database;
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        // The name was made by the tests
#pragma warning disable CA2100
        await using var copy = new NpgsqlCommand($"create database {name}_copy template {name}", connection);
#pragma warning restore CA2100
        await copy.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(main) { Database = $"{name}_copy" }.ConnectionString;
    }
}
