using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Hosting;
using Dox.TeamCoordination;
using Dox.Testing.Servers;
using Dox.Validation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dox.SharedKernel.Tests.Data;

public sealed class MigrationTests
{
    [Test]
    public async Task Several_processes_may_bring_one_database_up_to_date_at_once()
    {
        var connection = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var processes = Enumerable.Range(0, 4).Select(_ => Process(connection)).ToList();

        await Task.WhenAll(processes.Select(p => Task.Run(() => p.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(default))));

        await using var database = NpgsqlDataSource.Create(connection);
        await using var tables = database.CreateCommand("select count(*) from information_schema.tables where table_schema in ('validation', 'team_coordination') and table_name = 'outbox_messages'");
        Assert.That(await tables.ExecuteScalarAsync(), Is.EqualTo(2));
        foreach (var process in processes) process.Dispose();
    }

    private static IHost Process(string connection)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:Database:ConnectionString"] = connection });
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.AddDox([new ValidationModule(), new TeamCoordinationModule()]);
        return builder.Build();
    }
}
