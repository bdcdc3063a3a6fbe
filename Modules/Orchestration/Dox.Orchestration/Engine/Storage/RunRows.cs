using System.Data.Common;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>Reads rows of runs. Times are timestamps on PostgreSQL and ticks on SQLite.</summary>
internal static class RunRows
{
    private const string Columns =
        """
        id, bucket, account, "user", rule_name, rule_version, rule_hash, service, priority, document_id, trace_parent, started_at, updated_at, status, current_step, state, error,
        journal_length, journal_hash, recoveries, token
        """;

    public const string OpenColumns = Columns + ", owner, wake_at, intent, intent_by, intent_reason";

    public const string EndedColumns = Columns + ", ended_at";

    /// <summary>A wish to end a run gives way to no pause, and isn't taken back: whoever had it was told that it will be done.</summary>
    public static string MayReplaceIntent(string parameter) => $"AND (intent IS NULL OR intent = 'Pause' OR {parameter} IN ('Cancel', 'Undo'))";

    /// <summary>The columns of <see cref="OpenColumns"/> of a table that the statement names so.</summary>
    public static string OpenColumnsOf(string table) => string.Join(", ", OpenColumns.Split(',', StringSplitOptions.TrimEntries).Select(column => $"{table}.{column}"));

    public static OpenRun Open(DbDataReader row) => new()
    {
        Id = new(row.GetGuid(0)),
        Bucket = row.GetInt32(1),
        Account = row.GetString(2),
        User = row.GetString(3),
        RuleName = row.GetString(4),
        RuleVersion = row.GetString(5),
        RuleHash = row.GetString(6),
        Service = row.GetString(7),
        Priority = row.GetInt32(8),
        DocumentId = row.IsDBNull(9) ? null : new Id<Document>(row.GetGuid(9)),
        TraceParent = Text(row, 10),
        StartedAt = Time(row, 11),
        UpdatedAt = Time(row, 12),
        Status = Enum.Parse<RunStatus>(row.GetString(13)),
        CurrentStep = Text(row, 14),
        State = row.GetString(15),
        Error = Text(row, 16),
        JournalLength = row.GetInt32(17),
        JournalHash = row.GetFieldValue<byte[]>(18),
        Recoveries = row.GetInt32(19),
        Token = row.GetInt64(20),
        Owner = Text(row, 21),
        WakeAt = row.IsDBNull(22) ? null : Time(row, 22),
        Intent = row.IsDBNull(23) ? null : Enum.Parse<IntentKind>(row.GetString(23)),
        IntentBy = Text(row, 24),
        IntentReason = Text(row, 25),
    };

    public static EndedRun Ended(DbDataReader row) => new()
    {
        Id = new(row.GetGuid(0)),
        Bucket = row.GetInt32(1),
        Account = row.GetString(2),
        User = row.GetString(3),
        RuleName = row.GetString(4),
        RuleVersion = row.GetString(5),
        RuleHash = row.GetString(6),
        Service = row.GetString(7),
        Priority = row.GetInt32(8),
        DocumentId = row.IsDBNull(9) ? null : new Id<Document>(row.GetGuid(9)),
        TraceParent = Text(row, 10),
        StartedAt = Time(row, 11),
        UpdatedAt = Time(row, 12),
        Status = Enum.Parse<RunStatus>(row.GetString(13)),
        CurrentStep = Text(row, 14),
        State = row.GetString(15),
        Error = Text(row, 16),
        JournalLength = row.GetInt32(17),
        JournalHash = row.GetFieldValue<byte[]>(18),
        Recoveries = row.GetInt32(19),
        Token = row.GetInt64(20),
        EndedAt = Time(row, 21),
    };

    /// <summary>The intent whose three columns begin at <paramref name="at"/>.</summary>
    public static RunIntent? Intent(DbDataReader row, int at) =>
        row.IsDBNull(at) ? null : new(Enum.Parse<IntentKind>(row.GetString(at)), Text(row, at + 1) ?? "", Text(row, at + 2));

    private static string? Text(DbDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);

    private static DateTimeOffset Time(DbDataReader row, int at) => row.GetValue(at) switch
    {
        long ticks => new(ticks, TimeSpan.Zero),
        DateTime time => new(time, TimeSpan.Zero),
        var other => throw new InvalidOperationException($"A time is stored as {other.GetType().Name}."),
    };
}
