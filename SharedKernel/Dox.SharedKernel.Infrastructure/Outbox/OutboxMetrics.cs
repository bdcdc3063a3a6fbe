using System.Data.Common;
using System.Diagnostics.Metrics;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Observability;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.SharedKernel.Infrastructure.Outbox;

/// <summary>What is waiting to leave, for how long, and what was given up.</summary>
internal sealed class OutboxMetrics : IMetricReading
{
    private readonly IServiceScopeFactory _scopes;
    private readonly ModuleDatabases _databases;
    private readonly TimeProvider _clock;
    private readonly Histogram<double> _lag;
    private volatile IReadOnlyList<Reading> _readings;

    public OutboxMetrics(IServiceScopeFactory scopes, ModuleDatabases databases, TimeProvider clock)
    {
        (_scopes, _databases, _clock) = (scopes, databases, clock);
        _readings = [.. databases.Modules.Select(m => new Reading(m, 0, 0, 0))];
        var meter = DoxTelemetry.Meter("Kernel");
        meter.CreateObservableGauge("outbox_pending", () => _readings.Select(r => new Measurement<long>(r.Pending, Tag(r.Module))), description: "Messages that wait to leave a module.");
        meter.CreateObservableGauge("outbox_dead", () => _readings.Select(r => new Measurement<long>(r.Dead, Tag(r.Module))), description: "Messages that were given up.");
        meter.CreateObservableGauge("outbox_lag", () => _readings.Select(r => new Measurement<double>(r.OldestSeconds, Tag(r.Module))), "s", "Age of the oldest message that waits.");
        _lag = meter.CreateHistogram("outbox_delivery_duration", "s", "From the change to the subscriber's commit.", advice: DoxTelemetry.DurationBuckets);
    }

    public void Delivered(string module, TimeSpan after) => _lag.Record(after.TotalSeconds, Tag(module));

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var readings = new List<Reading>();
        foreach (var module in _databases.Modules)
        {
            await using var scope = _scopes.CreateAsyncScope();
            readings.Add(await ReadAsync(module, _databases.ContextOf(scope.ServiceProvider, module), cancellationToken));
        }

        _readings = readings;
    }

    // One look at the table; queries through EF would be three, each compiled for each module's model.
    private async Task<Reading> ReadAsync(string module, ModuleDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // the table's name comes from the model
        command.CommandText =
            $"SELECT count(*) FILTER (WHERE dead IS NULL), count(*) FILTER (WHERE dead IS NOT NULL), min(occurred) FILTER (WHERE dead IS NULL) FROM {db.OutboxTable}";
#pragma warning restore CA2100
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new(module, row.GetInt64(0), row.GetInt64(1), await row.IsDBNullAsync(2, cancellationToken) ? 0 : Math.Max(0, (_clock.GetUtcNow() - MomentOf(row)).TotalSeconds));
    }

    // SQLite keeps moments as ticks
    private static DateTimeOffset MomentOf(DbDataReader row) =>
        row.GetFieldType(2) == typeof(long) ? new(row.GetInt64(2), TimeSpan.Zero) : row.GetFieldValue<DateTimeOffset>(2);

    private static KeyValuePair<string, object?> Tag(string module) => new("module", module);

    private sealed record Reading(string Module, long Pending, long Dead, double OldestSeconds);
}
