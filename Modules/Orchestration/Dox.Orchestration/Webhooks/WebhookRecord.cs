using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Webhooks;

/// <summary>An address that events are sent to.</summary>
internal sealed class WebhookRecord
{
    public const int LongestUrl = 2000;

    public required Id<Webhook> Id { get; init; }

    public required string Url { get; init; }

    /// <summary>Names of types with commas between; empty: all.</summary>
    public required string Types { get; init; }

    /// <summary>Only what this account owns; null: everything.</summary>
    public string? Account { get; init; }

    /// <summary>What deliveries are signed with, as <see cref="WebhookSecrets"/> keeps it.</summary>
    public required string Secret { get; set; }

    /// <summary>The secret before; it signs too until <see cref="PreviousUntil"/>.</summary>
    public string? PreviousSecret { get; set; }

    public DateTimeOffset? PreviousUntil { get; set; }

    /// <summary>The feed's newest entry when it was made: what happened before isn't sent.</summary>
    public required long After { get; init; }

    /// <summary>Why nothing is sent any more; null: it is.</summary>
    public string? Disabled { get; set; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset Created { get; init; }

    public IReadOnlyList<string> TypeNames => Types.Split(',', StringSplitOptions.RemoveEmptyEntries);

    public IReadOnlyList<string> SecretsAt(DateTimeOffset now) => PreviousSecret is { } previous && PreviousUntil > now ? [Secret, previous] : [Secret];

    internal sealed class Map : IEntityTypeConfiguration<WebhookRecord>
    {
        public void Configure(EntityTypeBuilder<WebhookRecord> builder)
        {
            builder.ToTable("webhooks");
            builder.HasKey(w => w.Id);
            builder.Ignore(w => w.TypeNames);
            builder.Property(w => w.Url).HasMaxLength(LongestUrl);
            builder.Property(w => w.Types).HasMaxLength(2000);
            builder.Property(w => w.Account).HasMaxLength(200);
            builder.Property(w => w.Secret).HasMaxLength(100);
            builder.Property(w => w.PreviousSecret).HasMaxLength(100);
            builder.Property(w => w.Disabled).HasMaxLength(500);
            builder.Property(w => w.CreatedBy).HasMaxLength(200);
        }
    }
}
