using System.Data.Common;
using System.Text.Json;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;

namespace Dox.SharedKernel.Infrastructure.Inbox;

/// <summary>What a batch of one-way messages leaves in the inbox, in a statement for each name: a row by itself costs more than the handling.</summary>
internal static class InboxRows
{
    /// <summary>Adds the rows within the transaction that the context holds.</summary>
    /// <exception cref="DbException">A key is there already: somebody handled the same message at the same time.</exception>
    public static async Task InsertAsync(ModuleDbContext db, IReadOnlyList<InboxMessage> rows, CancellationToken cancellationToken)
    {
        var transaction = await db.HeldTransactionAsync(cancellationToken);
        var table = db.Model.FindEntityType(typeof(InboxMessage))!.GetSchemaQualifiedTableName()!;
        foreach (var named in rows.GroupBy(r => r.Name, StringComparer.Ordinal))
        {
            var (keys, received) = (named.Select(r => r.Key).ToArray(), named.Max(r => r.Received));
            await using var command = transaction.Connection!.CreateCommand();
            command.Transaction = transaction;
#pragma warning disable CA2100 // the table's name is the model's
            command.CommandText = db.IsSqlite
                ? $"INSERT INTO {table} (key, name, received) SELECT value, @name, @received FROM json_each(@keys)"
                : $"INSERT INTO {table} (key, name, received) SELECT key, @name, @received FROM unnest(@keys) AS key";
#pragma warning restore CA2100
            Add(command, "name", named.Key);
            Add(command, "received", db.IsSqlite ? received.UtcTicks : received);
            Add(command, "keys", db.IsSqlite ? JsonSerializer.Serialize(keys, DoxJson.Options) : keys);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
