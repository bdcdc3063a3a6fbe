using Dox.Validation.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Validation.Ledger;

/// <summary>Where content is.</summary>
internal enum ContentState
{
    /// <summary>Validated for an upload; whether it was let in isn't known yet.</summary>
    Staged,

    /// <summary>In the store, where it can be read.</summary>
    Accepted,

    /// <summary>Taken out of reach.</summary>
    Quarantined,

    /// <summary>Found harmless by people, whatever the scanner says.</summary>
    Released,

    /// <summary>Destroyed.</summary>
    Deleted,
}

/// <summary>What the scanner said last of content that was sent to stay, and when it is to be asked again.</summary>
internal sealed class ContentRecord
{
    public const int HashLength = 64;

    public required string Sha256 { get; init; }

    public required long Length { get; init; }

    public required string MediaType { get; init; }

    public ContentState State { get; set; }

    public ScanVerdict Verdict { get; set; }

    /// <summary>Who gave the verdict, with its signatures' version; null where it wasn't scanned.</summary>
    public string? Scanner { get; set; }

    public DateTimeOffset SeenAt { get; set; }

    /// <summary>When it is to be scanned again; null: when the signatures change.</summary>
    public DateTimeOffset? Due { get; set; }

    internal sealed class Map : IEntityTypeConfiguration<ContentRecord>
    {
        public void Configure(EntityTypeBuilder<ContentRecord> builder)
        {
            builder.ToTable("contents");
            builder.HasKey(c => c.Sha256);
            builder.Property(c => c.Sha256).HasMaxLength(HashLength);
            builder.Property(c => c.MediaType).HasMaxLength(100);
            builder.Property(c => c.Scanner).HasMaxLength(200);
            builder.HasIndex(c => c.Due).HasFilter("due IS NOT NULL").HasDatabaseName("ix_contents_due");
        }
    }
}
