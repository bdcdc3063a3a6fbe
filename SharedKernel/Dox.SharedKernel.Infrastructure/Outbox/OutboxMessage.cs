using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.SharedKernel.Infrastructure.Outbox;

/// <summary>
/// A message that must leave the module: one row for each subscriber, written in the transaction that changed the module's state,
/// deleted when that subscriber has committed it.
/// </summary>
public sealed class OutboxMessage
{
    /// <summary>Of the row; later rows sort later.</summary>
    public required Guid Id { get; init; }

    /// <summary>Of the message: the same in the rows for all its subscribers.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>The wire name.</summary>
    public required string Name { get; init; }

    /// <summary>The subscribing or commanded module.</summary>
    public required string Target { get; init; }

    /// <summary>The message as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>On whose behalf, as JSON.</summary>
    public required string Caller { get; init; }

    /// <summary>W3C trace context of the change.</summary>
    public string? TraceParent { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Occurred { get; init; }

    /// <summary>Failed deliveries so far.</summary>
    public int Attempts { get; set; }

    /// <summary>Not before then. UTC.</summary>
    public required DateTimeOffset NextAttempt { get; set; }

    /// <summary>Which relay has it now, until <see cref="LeasedUntil"/>.</summary>
    public Guid? Lease { get; set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }

    /// <summary>When it was given up, until somebody has it delivered again. UTC.</summary>
    public DateTimeOffset? Dead { get; set; }

    /// <summary>Why the last delivery failed.</summary>
    public string? LastError { get; set; }

    internal sealed class Map : IEntityTypeConfiguration<OutboxMessage>
    {
        public void Configure(EntityTypeBuilder<OutboxMessage> builder)
        {
            builder.ToTable("outbox_messages");
            builder.HasKey(m => m.Id);
            builder.Property(m => m.Name).HasMaxLength(200);
            builder.Property(m => m.Target).HasMaxLength(100);
            builder.Property(m => m.TraceParent).HasMaxLength(100);
            builder.Property(m => m.LastError).HasMaxLength(2000);
            builder.HasIndex(m => new { m.NextAttempt, m.Id }).HasFilter("dead IS NULL").HasDatabaseName("ix_outbox_messages_due");
            builder.HasIndex(m => m.Lease).HasFilter("lease IS NOT NULL").HasDatabaseName("ix_outbox_messages_lease");
        }
    }
}
