using System.Text.RegularExpressions;
using Dox.Orchestration.Engine;
using Npgsql;

namespace Dox.Orchestration.History;

/// <summary>A range of history: the table of ended runs and that of their journals, both by the run's id.</summary>
/// <param name="Name">What follows <c>ended_runs_</c> and <c>journal_</c>.</param>
/// <param name="From">The first id; null for what retention kept of older times.</param>
/// <param name="To">The first id behind it.</param>
internal sealed partial record Partition(string Name, Guid? From, Guid To)
{
    public const string Past = "past";

    /// <summary>What has no range yet.</summary>
    public const string Rest = "rest";

    public const string Runs = Data.OrchestrationDbContext.SchemaName + ".ended_runs";
    public const string Entries = Data.OrchestrationDbContext.SchemaName + ".journal";

    public DateTimeOffset Began => From is { } from ? IdTime.Of(from) : DateTimeOffset.UnixEpoch;

    public DateTimeOffset Ended => IdTime.Of(To);

    public string RunsTable => $"{Runs}_{Name}";

    public string EntriesTable => $"{Entries}_{Name}";

    /// <summary>The ranges of a table, oldest first, that of older times before all others.</summary>
    /// <param name="connection">Open.</param>
    /// <param name="table"><see cref="Runs"/> or <see cref="Entries"/>.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<List<Partition>> ReadAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass", connection)
        {
            Parameters = { new() { Value = table } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var partitions = new List<Partition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (Bounds().Match(reader.GetString(1)) is not { Success: true } bounds) continue;
            var name = reader.GetString(0)[(table.Length - Data.OrchestrationDbContext.SchemaName.Length)..];
            partitions.Add(new(name, Guid.TryParse(bounds.Groups["from"].Value, out var from) ? from : null, Guid.Parse(bounds.Groups["to"].Value)));
        }

        return [.. partitions.OrderBy(p => p.To)];
    }

    [GeneratedRegex(@"^FOR VALUES FROM \((?:MINVALUE|'(?<from>[0-9a-f-]{36})')\) TO \('(?<to>[0-9a-f-]{36})'\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Bounds();
}
