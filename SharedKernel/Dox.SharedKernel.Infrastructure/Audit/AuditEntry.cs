using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.SharedKernel.Infrastructure.Audit;

/// <summary>An entry of a module's audit, for good: each entry's hash covers the one before it.</summary>
public sealed class AuditEntry
{
    /// <summary>From 1, without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was written, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it.</summary>
    public required string Actor { get; init; }

    /// <summary>What the actor was allowed at the time, separated by commas.</summary>
    public required string ActorRoles { get; init; }

    /// <summary>Who owns what was changed.</summary>
    public required string Account { get; init; }

    /// <summary>What was done: <c>workflow.pause</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The id of what was changed.</summary>
    public required string Subject { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>The state before.</summary>
    public string? FromState { get; init; }

    /// <summary>The state afterwards, or the one that was asked for.</summary>
    public string? ToState { get; init; }

    /// <summary>More, as JSON.</summary>
    public string? Details { get; init; }

    /// <summary>W3C trace id of the request.</summary>
    public string? TraceId { get; init; }

    /// <summary>SHA-256 of this entry and the hash before it; that of the first covers none.</summary>
    public byte[] Hash { get; set; } = [];

    /// <summary>The hash that this entry must have after one that has <paramref name="previousHash"/>.</summary>
    public byte[] ExpectedHash(ReadOnlySpan<byte> previousHash)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previousHash);
        Add(hash, Sequence);
        Add(hash, At.UtcTicks);
        foreach (var text in new[] { Actor, ActorRoles, Account, Action, Subject, Reason, FromState, ToState, Details, TraceId }) Add(hash, text);
        return hash.GetHashAndReset();
    }

    // Each text is preceded by its length: no two different entries give the same bytes.
    private static void Add(IncrementalHash hash, string? text)
    {
        var bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
        Add(hash, text is null ? -1 : bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Add(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    internal sealed class Map : IEntityTypeConfiguration<AuditEntry>
    {
        public void Configure(EntityTypeBuilder<AuditEntry> builder)
        {
            builder.ToTable("audit");
            builder.HasKey(e => e.Sequence);
            builder.Property(e => e.Sequence).ValueGeneratedNever();
            builder.Property(e => e.Actor).HasMaxLength(200);
            builder.Property(e => e.ActorRoles).HasMaxLength(200);
            builder.Property(e => e.Account).HasMaxLength(200);
            builder.Property(e => e.Action).HasMaxLength(100);
            builder.Property(e => e.Subject).HasMaxLength(200);
            builder.Property(e => e.Reason).HasMaxLength(AuditRecord.LongestReason);
            builder.Property(e => e.FromState).HasMaxLength(50);
            builder.Property(e => e.ToState).HasMaxLength(50);
            builder.Property(e => e.TraceId).HasMaxLength(32);
            builder.Property(e => e.Hash).HasMaxLength(32);
            builder.HasIndex(e => new { e.Subject, e.Sequence }).HasDatabaseName("ix_audit_subject");
            builder.HasIndex(e => new { e.Actor, e.Sequence }).HasDatabaseName("ix_audit_actor");
        }
    }
}

/// <summary>Where a module's audit ends: without it, entries cut off at the end would leave no trace. Its row is the lock under which entries are written.</summary>
public sealed class AuditHead
{
    /// <summary>The one row's.</summary>
    public const int OnlyId = 1;

    /// <summary>Always <see cref="OnlyId"/>.</summary>
    public int Id { get; init; } = OnlyId;

    /// <summary>How many entries there are.</summary>
    public long Length { get; set; }

    /// <summary>The last one's hash.</summary>
    public byte[] Hash { get; set; } = [];

    internal sealed class Map : IEntityTypeConfiguration<AuditHead>
    {
        public void Configure(EntityTypeBuilder<AuditHead> builder)
        {
            builder.ToTable("audit_head");
            builder.HasKey(h => h.Id);
            builder.Property(h => h.Id).ValueGeneratedNever();
            builder.Property(h => h.Hash).HasMaxLength(32);
            builder.HasData(new AuditHead());
        }
    }
}

/// <summary>A module's context that keeps an audit. The tables are the kernel's.</summary>
public interface IAudited
{
    /// <summary>What was done, oldest first by <see cref="AuditEntry.Sequence"/>.</summary>
    DbSet<AuditEntry> Audit { get; }

    /// <summary>Where it ends.</summary>
    DbSet<AuditHead> AuditHead { get; }
}
