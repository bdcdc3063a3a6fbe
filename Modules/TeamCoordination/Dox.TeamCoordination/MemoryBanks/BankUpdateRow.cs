using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.TeamCoordination.MemoryBanks;

internal enum BankUpdateKind
{
    /// <summary>An update that a rule declared.</summary>
    Merge,

    /// <summary>Ended runs, for the execution log.</summary>
    Executions,

    BlockerOpened,

    BlockerResolved,
}

/// <summary>A change of a bank that the database knows, whether its file shows it yet or not.</summary>
internal sealed class BankUpdateRow
{
    /// <summary>In the order of writing, not of committing: a later one may be seen before an earlier one.</summary>
    public long Sequence { get; private init; }

    public required string File { get; init; }

    public required BankUpdateKind Kind { get; init; }

    /// <summary>JSON: an object.</summary>
    public required string Body { get; init; }

    public required DateTimeOffset Occurred { get; init; }

    /// <summary>How many runs led to it.</summary>
    public int Depth { get; init; }

    /// <summary>
    /// The bank's batch that takes it, given by the writer once the row is committed. Batches are what the file counts: by
    /// <see cref="Sequence"/> a row that commits late would be passed over.
    /// </summary>
    public long? Batch { get; private set; }

    public static BankUpdateRow Of(string file, BankUpdateKind kind, string body, DateTimeOffset now, int depth = 0) =>
        new() { File = file, Kind = kind, Body = body, Occurred = now, Depth = depth };

    internal sealed class Map : IEntityTypeConfiguration<BankUpdateRow>
    {
        public void Configure(EntityTypeBuilder<BankUpdateRow> builder)
        {
            builder.ToTable("bank_updates");
            builder.HasKey(u => u.Sequence);
            builder.Property(u => u.Sequence).ValueGeneratedOnAdd();
            builder.Property(u => u.File).HasMaxLength(BankName.MaxLength);
            builder.Property(u => u.Kind).HasConversion<string>().HasMaxLength(20);
            builder.HasIndex(u => new { u.File, u.Batch, u.Sequence }).HasDatabaseName("ix_bank_updates_batch");
            builder.HasIndex(u => new { u.File, u.Sequence }).HasFilter("batch IS NULL").HasDatabaseName("ix_bank_updates_new");
        }
    }
}

/// <summary>What the database knows of a bank's file.</summary>
internal sealed class BankRow
{
    public required string File { get; init; }

    /// <summary>Under which name the file keeps its place in this database's batches, so that two databases can share a folder.</summary>
    public required string Source { get; init; }

    /// <summary>The newest batch there is.</summary>
    public long LastBatch { get; set; }

    /// <summary>The newest batch that was written to the file, as far as is known: the file itself may be one write ahead.</summary>
    public long Applied { get; set; }

    /// <summary>The last whole version that was kept; JSON.</summary>
    public string? Content { get; set; }

    /// <summary>The newest batch in <see cref="Content"/>.</summary>
    public long ContentBatch { get; set; }

    public DateTimeOffset? ContentSaved { get; set; }

    /// <summary>The batches up to this one are no longer kept.</summary>
    public long Swept { get; set; }

    internal sealed class Map : IEntityTypeConfiguration<BankRow>
    {
        public void Configure(EntityTypeBuilder<BankRow> builder)
        {
            builder.ToTable("banks");
            builder.HasKey(b => b.File);
            builder.Property(b => b.File).HasMaxLength(BankName.MaxLength);
            builder.Property(b => b.Source).HasMaxLength(40);
        }
    }
}
