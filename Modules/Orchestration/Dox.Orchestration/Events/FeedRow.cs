using System.Data.Common;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Events;

/// <summary>An entry of the feed with what is told of it: a line of a run's journal, or an event that was raised. Neither: it isn't kept any more.</summary>
internal sealed record FeedRow(long Position, JournalLine? Line, Raised? Raised)
{
    /// <summary>What both databases select, in the order in which it is read; <c>k</c> has the entries.</summary>
    public const string Columns =
        "k.position, j.workflow_id, j.sequence, j.step, j.visit, j.attempt, j.status, j.run_status, p.run_status, j.error, j.started_at, j.duration_ms, "
        + "COALESCE(o.account, e.account), COALESCE(o.rule_name, e.rule_name), COALESCE(o.service, e.service), COALESCE(o.document_id, e.document_id), "
        + "COALESCE(o.started_at, e.started_at), r.event_id, r.type, r.data, r.service, r.account, r.workflow_id, r.document_id, r.occurred, j.kind";

    /// <summary>What the columns come from. A run is among the open ones or the ended ones, never in both.</summary>
    /// <param name="schema">Stands before a table's name.</param>
    public static string Joins(string schema) =>
        $" LEFT JOIN {schema}journal j ON k.sequence > 0 AND j.workflow_id = k.id AND j.sequence = k.sequence"
        + $" LEFT JOIN {schema}journal p ON k.sequence > 1 AND p.workflow_id = k.id AND p.sequence = k.sequence - 1"
        + $" LEFT JOIN {schema}open_runs o ON k.sequence > 0 AND o.id = k.id"
        + $" LEFT JOIN {schema}ended_runs e ON k.sequence > 0 AND e.id = k.id"
        + $" LEFT JOIN {schema}raised_events r ON k.sequence = 0 AND r.event_id = k.id";

    public static async Task<List<FeedRow>> ReadAsync(DbCommand command, Func<DbDataReader, int, DateTimeOffset> time, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<FeedRow>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(new(reader.GetInt64(0), LineIn(reader, time), RaisedIn(reader, time)));
        return rows;
    }

    private static JournalLine? LineIn(DbDataReader reader, Func<DbDataReader, int, DateTimeOffset> time)
    {
        // Without its run there is nobody to tell: retention takes both.
        if (reader.IsDBNull(1) || reader.IsDBNull(12)) return null;
        return new(
            new(reader.GetGuid(1)), Enum.Parse<JournalKind>(reader.GetString(25)), reader.GetInt32(2), reader.GetString(3), reader.GetInt32(4), reader.GetInt32(5), Enum.Parse<StepStatus>(reader.GetString(6)),
            Enum.Parse<RunStatus>(reader.GetString(7)), reader.IsDBNull(8) ? null : Enum.Parse<RunStatus>(reader.GetString(8)), Text(reader, 9), time(reader, 10),
            reader.GetDouble(11), new(reader.GetString(12), reader.GetString(13), reader.GetString(14), reader.IsDBNull(15) ? null : new(reader.GetGuid(15)), time(reader, 16)));
    }

    private static Raised? RaisedIn(DbDataReader reader, Func<DbDataReader, int, DateTimeOffset> time) => reader.IsDBNull(17)
        ? null
        : new(
            new(reader.GetGuid(17)), reader.GetString(18), reader.GetString(19), reader.GetString(20), Text(reader, 21),
            reader.IsDBNull(22) ? null : new(reader.GetGuid(22)), reader.IsDBNull(23) ? null : new(reader.GetGuid(23)), time(reader, 24));

    private static string? Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>What never changes of a run.</summary>
internal sealed record RunFacts(string Account, string RuleName, string Service, Id<Document>? DocumentId, DateTimeOffset StartedAt);

/// <summary>What is told of a journal's entry.</summary>
/// <param name="Before">Where the run stood before it; null before the first.</param>
/// <param name="Error">As JSON.</param>
internal sealed record JournalLine(
    Id<Workflow> WorkflowId, JournalKind Kind, int Sequence, string Step, int Visit, int Attempt, StepStatus Status, RunStatus RunStatus, RunStatus? Before, string? Error,
    DateTimeOffset StartedAt, double DurationMs, RunFacts Run);

/// <summary>An event that was raised.</summary>
internal sealed record Raised(
    Id<Happening> Id, string Type, string Data, string Service, string? Account, Id<Workflow>? WorkflowId, Id<Document>? DocumentId, DateTimeOffset Occurred);
