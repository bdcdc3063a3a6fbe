using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.SharedKernel.Infrastructure.Inbox;

/// <summary>
/// A message that this module has committed. Its key is the message's id, or the idempotency key under which a command was sent;
/// then <see cref="Reply"/> is what it was answered with. Kept for a week.
/// </summary>
public sealed class InboxMessage
{
    /// <summary>The message's id or the command's idempotency key.</summary>
    public required string Key { get; init; }

    /// <summary>The wire name.</summary>
    public required string Name { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>The reply as JSON (UTF-8); null for one-way messages.</summary>
    public byte[]? Reply { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<InboxMessage>
    {
        public void Configure(EntityTypeBuilder<InboxMessage> builder)
        {
            builder.ToTable("inbox_messages");
            builder.HasKey(m => m.Key);
            builder.Property(m => m.Key).HasMaxLength(300);
            builder.Property(m => m.Name).HasMaxLength(200);
            builder.HasIndex(m => m.Received).HasDatabaseName("ix_inbox_messages_received");
        }
    }
}
