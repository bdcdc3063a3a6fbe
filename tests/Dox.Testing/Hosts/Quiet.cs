using System.Data.Common;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Testing.Hosts;

/// <summary>Whether anything is left to do: a message to deliver, a run to take on.</summary>
internal sealed class Quiet(IServiceProvider services, bool realTime)
{
    private const string Engine = "Orchestration";

    // A retry that is due in a moment is still work; on a clock that the test turns by hand it waits for the test.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    /// <summary>What is left, in words; null where nothing is.</summary>
    public async Task<string?> WhatIsLeftAsync(CancellationToken cancellationToken)
    {
        var databases = services.GetRequiredService<ModuleDatabases>();
        foreach (var module in databases.Modules)
        {
            await using var scope = services.CreateAsyncScope();
            var db = databases.ContextOf(scope.ServiceProvider, module);
            var waiting = await db.Outbox.AsNoTracking().Where(m => m.Dead == null).OrderBy(m => m.Id).FirstOrDefaultAsync(cancellationToken);
            if (waiting is not null) return $"{module} has {waiting.Name} to deliver to {waiting.Target} (attempt {waiting.Attempts + 1}, last error: {waiting.LastError ?? "none"})";
            if (module == Engine && await OpenRunsAsync(db, cancellationToken) is > 0 and var runs) return $"{runs} runs are under way";
            if (module == Engine && await CountAsync(db, "bank_notes", "", cancellationToken) is > 0 and var notes) return $"{notes} ended runs aren't told to the memory banks yet";
        }

        return null;
    }

    private Task<long> OpenRunsAsync(ModuleDbContext db, CancellationToken cancellationToken) =>
        CountAsync(db, "open_runs", " where owner is not null or wake_at <= @due", cancellationToken);

    private async Task<long> CountAsync(ModuleDbContext db, string table, string where, CancellationToken cancellationToken)
    {
        var sqlite = db.Database.ProviderName!.EndsWith("Sqlite", StringComparison.Ordinal);
        var due = services.GetRequiredService<TimeProvider>().GetUtcNow() + (realTime ? Soon : TimeSpan.Zero);
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // the names above
        command.CommandText = $"select count(*) from {(sqlite ? "" : "orchestration.")}{table}{where}";
#pragma warning restore CA2100
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = "due";
        parameter.Value = sqlite ? due.UtcTicks : due;
        if (where.Length > 0) command.Parameters.Add(parameter);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    }
}
