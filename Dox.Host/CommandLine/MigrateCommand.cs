using System.CommandLine;
using Dox.SharedKernel.Infrastructure.Data;

namespace Dox.Host.CommandLine;

internal static class MigrateCommand
{
    public static Command Create(Func<DoxSetup, WebApplication> build)
    {
        var command = new Command("migrate", "Bring the databases' schemas up to date, and end. For a job that runs before the servers start.");
        command.SetAction(async (_, cancellation) =>
        {
            await using var app = build(new DoxSetup());
            await app.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(cancellation);
            return 0;
        });
        return command;
    }
}
