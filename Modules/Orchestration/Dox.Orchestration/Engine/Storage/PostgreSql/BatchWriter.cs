using Dox.SharedKernel.Infrastructure.Audit;
using Npgsql;

namespace Dox.Orchestration.Engine.Storage.PostgreSql;

/// <summary>Makes one batch durable after the other, over a connection of its own; one caller at a time.</summary>
internal sealed class BatchWriter(NpgsqlDataSource database, TimeProvider clock) : IAsyncDisposable
{
    private const string Schema = Data.OrchestrationDbContext.SchemaName;

    private readonly WriteConnection _connection = new(database);
    private readonly WriteStatements _statements = new();
    private readonly Dictionary<Guid, RunWriteResult> _written = [];

    /// <inheritdoc cref="IRunStore.WriteAsync"/>
    public async Task<IReadOnlyList<RunWriteResult>> WriteAsync(IReadOnlyList<RunWrite> batch, CancellationToken cancellationToken)
    {
        try
        {
            _statements.Clear();
            foreach (var write in batch) _statements.Add(write);
            _written.Clear();
            if (batch.Any(w => w.Audit is not null)) await FlushAuditedAsync(batch, cancellationToken);
            else await FlushAsync(cancellationToken);
            if (_written.Count < batch.Count) await ExplainAsync(batch, cancellationToken);
            var results = new RunWriteResult[batch.Count];
            for (var i = 0; i < results.Length; i++) results[i] = _written[batch[i].Run.Id.Value];
            return results;
        }
        catch
        {
            await _connection.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task FlushAuditedAsync(IReadOnlyList<RunWrite> batch, CancellationToken cancellationToken)
    {
        await using var transaction = await _connection.BeginAsync(cancellationToken);
        await FlushAsync(cancellationToken);
        // Last: who notes something holds up all others who do, until the commit.
        var records = batch.Where(w => w.Audit is not null && _written.ContainsKey(w.Run.Id.Value)).Select(w => w.Audit!).ToList();
        await AuditTrail.AppendAsync(transaction, Schema, records, clock.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        await using var reader = await _connection.ExecuteAsync(_statements.All, cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken))
                _written[reader.GetGuid(0)] = new(RunWriteOutcome.Written, reader.FieldCount > 1 ? RunRows.Intent(reader, 1) : null);
        }
        while (await reader.NextResultAsync(cancellationToken));
    }

    /// <summary>Why a run wasn't written: it is as it was to be since an earlier attempt, or it is another's.</summary>
    private async Task ExplainAsync(IReadOnlyList<RunWrite> batch, CancellationToken cancellationToken)
    {
        var left = batch.Where(w => !_written.ContainsKey(w.Run.Id.Value)).ToDictionary(w => w.Run.Id.Value);
        foreach (var (id, write) in left) _written[id] = new(write.Kind == RunWriteKind.Start ? RunWriteOutcome.Conflict : RunWriteOutcome.Stale);
        await using var reader = await _connection.ExecuteAsync(
            $"""
            SELECT id, journal_length, journal_hash, intent, intent_by, intent_reason FROM {Schema}.open_runs WHERE id = ANY($1)
            UNION ALL SELECT id, journal_length, journal_hash, NULL, NULL, NULL FROM {Schema}.ended_runs WHERE id = ANY($1)
            UNION ALL SELECT j.workflow_id, j.sequence, j.hash, NULL, NULL, NULL FROM unnest($2, $3) w(id, line) JOIN {Schema}.journal j ON j.workflow_id = w.id AND j.sequence = w.line
            """,
            [.. left.Keys], [.. left.Values.Where(w => w.IsLetGo).Select(w => (w.Run.Id.Value, w.JournalLength))], cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var write = left[reader.GetGuid(0)];
            if (reader.GetInt32(1) == write.JournalLength && reader.GetFieldValue<byte[]>(2).AsSpan().SequenceEqual(write.JournalHash))
                _written[write.Run.Id.Value] = new(RunWriteOutcome.WrittenBefore, RunRows.Intent(reader, 3));
        }
    }
}
