using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>
/// A run, as it is kept: the single truth. What can be queried stands in columns, all of it in <see cref="State"/>.
/// Open runs and ended ones have the same columns and tables of their own: what is scanned for work stays small.
/// </summary>
internal abstract class RunRow
{
    private const int LongestError = 4000;

    public required Id<Workflow> Id { get; init; }

    /// <summary>All rows of an account lie in one bucket, so that they can be moved together.</summary>
    public required int Bucket { get; init; }

    public required string Account { get; init; }

    public required string User { get; init; }

    public required string RuleName { get; init; }

    public required string RuleVersion { get; init; }

    public required string RuleHash { get; init; }

    public required string Service { get; init; }

    public required int Priority { get; init; }

    public Id<Document>? DocumentId { get; init; }

    /// <summary>W3C trace context of the request that started it.</summary>
    public string? TraceParent { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public required RunStatus Status { get; set; }

    public string? CurrentStep { get; set; }

    /// <summary>The <see cref="RunState"/> as JSON.</summary>
    public required string State { get; set; }

    /// <summary>In a few words; whole in <see cref="State"/>.</summary>
    public string? Error { get; set; }

    /// <summary>Entries of its journal, and the hash of the last one.</summary>
    public int JournalLength { get; set; }

    public byte[] JournalHash { get; set; } = [];

    /// <summary>How often a node died while it had this run.</summary>
    public int Recoveries { get; set; }

    /// <summary>Grows with each change of owner: a write with an older one changes nothing.</summary>
    public long Token { get; set; }

    /// <summary>Cut to what the column holds: a long one must not keep its run from ending.</summary>
    public static string? Shorten(string? error) => ColumnText.Of(error, LongestError);

    protected static void MapColumns<TRow>(EntityTypeBuilder<TRow> builder, string table)
        where TRow : RunRow
    {
        builder.ToTable(table);
        builder.HasKey(r => r.Id);
        builder.Property(r => r.Account).HasMaxLength(200);
        builder.Property(r => r.User).HasMaxLength(200);
        builder.Property(r => r.RuleName).HasMaxLength(200);
        builder.Property(r => r.RuleVersion).HasMaxLength(50);
        builder.Property(r => r.RuleHash).HasMaxLength(64);
        builder.Property(r => r.Service).HasMaxLength(200);
        builder.Property(r => r.TraceParent).HasMaxLength(100);
        builder.Property(r => r.Status).HasConversion<string>().HasMaxLength(30);
        builder.Property(r => r.CurrentStep).HasMaxLength(200);
        builder.Property(r => r.Error).HasMaxLength(LongestError);
        builder.Property(r => r.JournalHash).HasMaxLength(32);
        builder.HasIndex(r => r.DocumentId).HasDatabaseName($"ix_{table}_document");
        builder.HasIndex(r => new { r.Account, r.Id }).HasDatabaseName($"ix_{table}_account");
    }
}

/// <summary>A run that isn't at its end.</summary>
internal sealed class OpenRun : RunRow
{
    /// <summary>The node that runs it; null: nobody has to.</summary>
    public string? Owner { get; set; }

    /// <summary>When somebody must take it; null while it has an owner or waits for a person or an event.</summary>
    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>What an operator wants of it while a node holds it, who, and why.</summary>
    public IntentKind? Intent { get; set; }

    public string? IntentBy { get; set; }

    public string? IntentReason { get; set; }

    /// <summary>The three as one.</summary>
    public RunIntent? Wish => Intent is { } kind ? new(kind, IntentBy ?? "", IntentReason) : null;

    internal sealed class Map : IEntityTypeConfiguration<OpenRun>
    {
        public void Configure(EntityTypeBuilder<OpenRun> builder)
        {
            MapColumns(builder, "open_runs");
            builder.Ignore(r => r.Wish);
            builder.Property(r => r.Owner).HasMaxLength(100);
            builder.Property(r => r.Token).IsConcurrencyToken();
            builder.Property(r => r.Intent).HasConversion<string>().HasMaxLength(20);
            builder.Property(r => r.IntentBy).HasMaxLength(200);
            builder.Property(r => r.IntentReason).HasMaxLength(RunIntent.LongestReason);
            // None of them holds a column that an ordinary checkpoint changes: the row is then rewritten in its page, and no index is touched.
            builder.HasIndex(r => r.WakeAt).HasFilter("wake_at IS NOT NULL").HasDatabaseName("ix_open_runs_wake");
            builder.HasIndex(r => new { r.Priority, r.Account, r.WakeAt }).HasFilter("wake_at IS NOT NULL").HasDatabaseName("ix_open_runs_due");
            builder.HasIndex(r => new { r.Owner, r.Id }).HasFilter("intent IS NOT NULL").HasDatabaseName("ix_open_runs_intent");
            builder.HasIndex(r => r.Owner).HasFilter("owner IS NOT NULL").HasDatabaseName("ix_open_runs_owner");
            // Room in each page for the versions that the checkpoints of its runs leave.
            builder.HasStorageParameter("fillfactor", 60);
        }
    }
}

/// <summary>A run at its end.</summary>
internal sealed class EndedRun : RunRow
{
    public required DateTimeOffset EndedAt { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<EndedRun>
    {
        public void Configure(EntityTypeBuilder<EndedRun> builder)
        {
            MapColumns(builder, "ended_runs");
            builder.HasIndex(r => new { r.RuleName, r.Id }).HasDatabaseName("ix_ended_runs_rule");
            // Most runs end well, and are found by their ids; what didn't is looked for by its state.
            builder.HasIndex(r => new { r.Status, r.Id }).HasFilter("status <> 'Success'").HasDatabaseName("ix_ended_runs_status");
        }
    }
}
