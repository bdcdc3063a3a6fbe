using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Webhooks;

/// <summary>What becomes of an event on its way to a webhook.</summary>
internal enum DeliveryStatus
{
    /// <summary>To be sent, or sent again.</summary>
    Pending,

    /// <summary>The receiver has it.</summary>
    Delivered,

    /// <summary>Given up, until it is redriven.</summary>
    Dead,

    /// <summary>Given up for good: an operator said that nobody needs it.</summary>
    Dismissed,
}

/// <summary>An event on its way to a webhook.</summary>
internal sealed class DeliveryRecord
{
    public const int LongestError = 500;

    public required Id<Delivery> Id { get; init; }

    public required Id<Webhook> WebhookId { get; init; }

    public required Id<Happening> EventId { get; init; }

    public required string Type { get; init; }

    /// <summary>Events with the same one are sent one after another: a run's id, or the type of what belongs to no run.</summary>
    public required string OrderKey { get; init; }

    /// <summary>Where the event stands in the feed: grows with it.</summary>
    public required long Sequence { get; init; }

    /// <summary>The very text that is sent and signed.</summary>
    public required string Body { get; init; }

    public DeliveryStatus Status { get; set; } = DeliveryStatus.Pending;

    public int Attempts { get; set; }

    public required DateTimeOffset NextAttempt { get; set; }

    /// <summary>What the receiver answered last.</summary>
    public int? LastStatus { get; set; }

    public string? LastError { get; set; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset? Settled { get; set; }

    internal sealed class Map : IEntityTypeConfiguration<DeliveryRecord>
    {
        public void Configure(EntityTypeBuilder<DeliveryRecord> builder)
        {
            builder.ToTable("webhook_deliveries");
            builder.HasKey(d => d.Id);
            builder.Property(d => d.Type).HasMaxLength(100);
            builder.Property(d => d.OrderKey).HasMaxLength(100);
            builder.Property(d => d.Status).HasConversion<string>().HasMaxLength(20);
            builder.Property(d => d.LastError).HasMaxLength(LongestError);
            builder.HasIndex(d => new { d.WebhookId, d.EventId }).IsUnique().HasDatabaseName("ux_webhook_deliveries_event");
            builder.HasIndex(d => new { d.WebhookId, d.OrderKey, d.Sequence }).HasFilter("status = 'Pending'").HasDatabaseName("ix_webhook_deliveries_order");
            builder.HasIndex(d => d.NextAttempt).HasFilter("status = 'Pending'").HasDatabaseName("ix_webhook_deliveries_due");
            builder.HasIndex(d => d.Settled).HasDatabaseName("ix_webhook_deliveries_settled");
            builder.HasOne<WebhookRecord>().WithMany().HasForeignKey(d => d.WebhookId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
