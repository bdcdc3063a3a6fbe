using System.Security.Cryptography;
using System.Text;
using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Validation.Data;

/// <summary>What a limit counts.</summary>
internal enum Quota
{
    /// <summary>Documents that were sent.</summary>
    Documents,

    /// <summary>Files that were validated and not kept.</summary>
    Validations,

    /// <summary>Documents that were recognised anew.</summary>
    Recognitions,

    /// <summary>Runs that were started by hand.</summary>
    WorkflowStarts,
}

/// <summary>One document in the sliding log of its user and its account. It counts once, however often it is checked.</summary>
internal sealed class RateLimitEntry
{
    public required Quota Quota { get; init; }

    public required Id<Document> DocumentId { get; init; }

    public required string User { get; init; }

    public required string Account { get; init; }

    public required long Bytes { get; init; }

    public required DateTimeOffset At { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<RateLimitEntry>
    {
        public void Configure(EntityTypeBuilder<RateLimitEntry> builder)
        {
            builder.ToTable("rate_limit_entries");
            builder.HasKey(e => new { e.Quota, e.DocumentId }).HasName("pk_rate_limit_entries");
            builder.Property(e => e.User).HasMaxLength(RateLimitBurst.SubjectLength);
            builder.Property(e => e.Account).HasMaxLength(RateLimitBurst.SubjectLength);
            builder.HasIndex(e => new { e.Quota, e.User, e.At }).HasDatabaseName("ix_rate_limit_entries_user");
            builder.HasIndex(e => new { e.Quota, e.Account, e.At }).HasDatabaseName("ix_rate_limit_entries_account");
            builder.HasIndex(e => e.At).HasDatabaseName("ix_rate_limit_entries_at");
        }
    }
}

/// <summary>GCRA's state for a user: when, at the steady rate, all that it sent would be worked off.</summary>
internal sealed class RateLimitBurst
{
    public const int SubjectLength = 256;

    /// <summary>A user's or an account's name as it is kept: itself, or its hash where it is too long.</summary>
    public static string Subject(string name) =>
        name.Length <= SubjectLength ? name : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    public required Quota Quota { get; init; }

    public required string User { get; init; }

    public required DateTimeOffset WorkedOff { get; set; }

    internal sealed class Map : IEntityTypeConfiguration<RateLimitBurst>
    {
        public void Configure(EntityTypeBuilder<RateLimitBurst> builder)
        {
            builder.ToTable("rate_limit_bursts");
            builder.HasKey(b => new { b.Quota, b.User }).HasName("pk_rate_limit_bursts");
            builder.Property(b => b.User).HasMaxLength(SubjectLength);
        }
    }
}
