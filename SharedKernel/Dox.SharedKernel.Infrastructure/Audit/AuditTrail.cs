using System.Data.Common;
using System.Diagnostics;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Dox.SharedKernel.Infrastructure.Audit;

/// <summary>Writes a module's audit, in the transaction of the change that it tells of, and checks it.</summary>
public static class AuditTrail
{
    private const string Columns = "sequence, at, actor, actor_roles, account, action, subject, reason, from_state, to_state, details, trace_id, hash";

    /// <summary>Notes a change in the transaction that the context has open. Take all other locks before: who writes one holds up all others' until the commit.</summary>
    public static Task NoteAsync<TContext>(this TContext db, AuditRecord record, TimeProvider clock, CancellationToken cancellationToken)
        where TContext : ModuleDbContext, IAudited
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(clock);
        var transaction = db.Database.CurrentTransaction?.GetDbTransaction() ?? throw new InvalidOperationException("An audit entry is written with its change: begin a write.");
        return AppendAsync(transaction, db.AuditSchema, [record], clock.GetUtcNow(), cancellationToken);
    }

    /// <summary>The same over plain SQL.</summary>
    /// <param name="transaction">Of the change.</param>
    /// <param name="schema">The module's on PostgreSQL; null on SQLite.</param>
    /// <param name="records">In their order.</param>
    /// <param name="now">UTC.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task AppendAsync(
        DbTransaction transaction, string? schema, IReadOnlyList<AuditRecord> records, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(records);
        if (records.Count == 0) return;
        var prefix = schema is null ? "" : $"{schema}.";
        var (length, hash) = await LockHeadAsync(transaction, prefix, lockRow: schema is not null, cancellationToken);
        foreach (var record in records)
        {
            var entry = Entry(++length, record, now);
            hash = entry.Hash = entry.ExpectedHash(hash);
            await ExecuteAsync(
                transaction, $"INSERT INTO {prefix}audit ({Columns}) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12)", cancellationToken,
                entry.Sequence, schema is null ? entry.At.UtcTicks : entry.At, entry.Actor, entry.ActorRoles, entry.Account, entry.Action, entry.Subject, entry.Reason,
                entry.FromState, entry.ToState, entry.Details, entry.TraceId, entry.Hash);
        }

        await ExecuteAsync(transaction, $"UPDATE {prefix}audit_head SET length = @p0, hash = @p1 WHERE id = {AuditHead.OnlyId}", cancellationToken, length, hash);
    }

    /// <summary>Reads the whole audit and says where its chain breaks; null where it doesn't.</summary>
    public static async Task<AuditCheck> CheckAsync(IAudited db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        // The head first: what is written meanwhile lies behind it.
        var head = await db.AuditHead.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (head is null) return new(0, "", 0, "The row that tells where the audit ends is gone.");
        byte[] hash = [];
        var sequence = 0L;
        await foreach (var entry in db.Audit.AsNoTracking().Where(e => e.Sequence <= head.Length).OrderBy(e => e.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (entry.Sequence != ++sequence) return new(head.Length, Hex(head.Hash), sequence, $"Entry {sequence} is missing.");
            if (!entry.Hash.AsSpan().SequenceEqual(entry.ExpectedHash(hash))) return new(head.Length, Hex(head.Hash), sequence, $"Entry {sequence} isn't as it was written, or doesn't follow the one before it.");
            hash = entry.Hash;
        }

        return sequence != head.Length ? new(head.Length, Hex(head.Hash), sequence + 1, $"It ends after entry {sequence}; {head.Length} were written.")
            : !hash.AsSpan().SequenceEqual(head.Hash) ? new(head.Length, Hex(head.Hash), sequence, $"Entry {sequence} isn't the last one that was written.")
            : new(head.Length, Hex(head.Hash), 0, null);
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);

    private static AuditEntry Entry(long sequence, AuditRecord record, DateTimeOffset now) => new()
    {
        Sequence = sequence,
        // PostgreSQL keeps no more; a hash over more would never be met again.
        At = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero),
        Actor = record.By.User,
        ActorRoles = string.Join(',', record.By.Roles.Select(role => role.ToString().ToLowerInvariant())),
        Account = record.Account,
        Action = record.Action,
        Subject = record.Subject,
        Reason = record.Reason is { Length: > AuditRecord.LongestReason } longer ? longer[..AuditRecord.LongestReason] : record.Reason,
        FromState = record.From,
        ToState = record.To,
        Details = record.Details?.ToJsonString(DoxJson.Options),
        TraceId = Activity.Current?.TraceId.ToString(),
    };

    private static async Task<(long Length, byte[] Hash)> LockHeadAsync(DbTransaction transaction, string prefix, bool lockRow, CancellationToken cancellationToken)
    {
        await using var command = Command(transaction, $"SELECT length, hash FROM {prefix}audit_head WHERE id = {AuditHead.OnlyId}{(lockRow ? " FOR UPDATE" : "")}", []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) throw new InvalidOperationException("The row that tells where the audit ends is gone; 'dox audit verify' tells more. Nothing is changed without an audit.");
        return (reader.GetInt64(0), await reader.GetFieldValueAsync<byte[]>(1, cancellationToken));
    }

    private static async Task ExecuteAsync(DbTransaction transaction, string sql, CancellationToken cancellationToken, params object?[] values)
    {
        await using var command = Command(transaction, sql, values);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DbCommand Command(DbTransaction transaction, string sql, object?[] values)
    {
        var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text is put together from constants and the module's schema
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ($"p{i}", values[i] ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}

/// <summary>How a module's audit fared in a check.</summary>
/// <param name="Length">How many entries were written.</param>
/// <param name="Hash">The last one's; whoever keeps it elsewhere can tell later that nobody wrote all of it anew.</param>
/// <param name="BrokenAt">The first entry that isn't as it was written; 0 where all are.</param>
/// <param name="Problem">What is wrong; null where nothing is.</param>
public sealed record AuditCheck(long Length, string Hash, long BrokenAt, string? Problem);
