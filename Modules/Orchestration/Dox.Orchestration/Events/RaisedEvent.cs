using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Events;

/// <summary>An event that no journal tells of: a rule published it, or another module told of it. It is in the feed once its transaction is committed.</summary>
internal sealed class RaisedEvent
{
    public const int LongestType = 100;

    /// <summary>Follows from what raised it: raised again, it is the same event.</summary>
    public required Id<Happening> EventId { get; init; }

    public required int Bucket { get; init; }

    public required string Type { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Data { get; init; }

    public required string Service { get; init; }

    /// <summary>Whose it is; null: the platform's own.</summary>
    public string? Account { get; init; }

    public Id<Workflow>? WorkflowId { get; init; }

    public Id<Document>? DocumentId { get; init; }

    /// <summary>The run's step that raised it, <c>run/step/visit</c>.</summary>
    public string? Source { get; init; }

    public required DateTimeOffset Occurred { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<RaisedEvent>
    {
        public void Configure(EntityTypeBuilder<RaisedEvent> builder)
        {
            builder.ToTable("raised_events");
            builder.HasKey(e => e.EventId);
            builder.Property(e => e.Type).HasMaxLength(LongestType);
            builder.Property(e => e.Service).HasMaxLength(200);
            builder.Property(e => e.Account).HasMaxLength(200);
            builder.HasIndex(e => e.WorkflowId).HasFilter("workflow_id IS NOT NULL").HasDatabaseName("ix_raised_events_workflow");
            builder.HasIndex(e => e.Occurred).HasDatabaseName("ix_raised_events_occurred");
        }
    }
}

/// <summary>How far a reader of the feed has come.</summary>
internal sealed class FeedCursor
{
    public required string Name { get; init; }

    /// <summary>The last entry that it is done with.</summary>
    public required long Position { get; set; }

    internal sealed class Map : IEntityTypeConfiguration<FeedCursor>
    {
        public void Configure(EntityTypeBuilder<FeedCursor> builder)
        {
            builder.ToTable("feed_cursors");
            builder.HasKey(c => c.Name);
            builder.Property(c => c.Name).HasMaxLength(100);
            builder.Property(c => c.Position).IsConcurrencyToken();
        }
    }
}
