using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.Validation.Data;
using Dox.Validation.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Validation.Quarantine;

/// <summary>Where content stands that was taken out of reach.</summary>
internal enum QuarantineState
{
    /// <summary>Kept, encrypted.</summary>
    Quarantined,

    /// <summary>One person wants it released; another one has to agree.</summary>
    ReleaseRequested,

    /// <summary>Found harmless.</summary>
    Released,

    /// <summary>Destroyed.</summary>
    Deleted,
}

/// <summary>Content in which a threat was found, from then until it is released or destroyed.</summary>
internal sealed class QuarantineEntry
{
    private const int LongestReason = 1000;

    public required Id<Quarantined> Id { get; init; }

    public required string Sha256 { get; init; }

    public required long Length { get; init; }

    public required string MediaType { get; init; }

    /// <summary>The name that it was sent by; null where it was found among what was let in before.</summary>
    public string? FileName { get; init; }

    public required string Account { get; init; }

    public required string SubmittedBy { get; init; }

    public required string Threat { get; set; }

    public required string Scanner { get; set; }

    public string? SignatureVersion { get; set; }

    /// <summary>Whether documents have it: released, it goes back to where they read it.</summary>
    public bool WasAccepted { get; set; }

    public required DateTimeOffset At { get; init; }

    /// <summary>How often the same bytes came.</summary>
    public int Times { get; set; } = 1;

    public QuarantineState State { get; private set; }

    public string? RequestedBy { get; private set; }

    public string? Reason { get; private set; }

    public string? DecidedBy { get; private set; }

    public DateTimeOffset? Decided { get; private set; }

    public int Version { get; private set; }

    /// <summary>Releases it, or notes who wants that where a second person has to agree.</summary>
    /// <returns>Whether it is released now.</returns>
    public bool Release(string user, string reason, bool fourEyes, DateTimeOffset now)
    {
        DemandOpen();
        Version++;
        reason = reason.Length > LongestReason ? reason[..LongestReason] : reason;
        if (fourEyes && State == QuarantineState.Quarantined)
        {
            (State, RequestedBy, Reason) = (QuarantineState.ReleaseRequested, user, reason);
            return false;
        }

        if (fourEyes && RequestedBy == user)
            throw DoxException.Conflict("second_person_needed", $"{user} asked for the release already; another administrator has to agree.");
        (State, DecidedBy, Decided) = (QuarantineState.Released, user, now);
        Reason = Reason is null ? reason : $"{Reason} / {reason}";
        return true;
    }

    public void Delete(string user, string? reason, DateTimeOffset now)
    {
        DemandOpen();
        Version++;
        (State, DecidedBy, Decided, Reason) = (QuarantineState.Deleted, user, now, reason ?? Reason);
    }

    private void DemandOpen()
    {
        if (State is QuarantineState.Released or QuarantineState.Deleted)
            throw DoxException.Conflict("quarantine_decided", $"{DecidedBy} decided already, at {Decided:u}: it is {ValidationTelemetry.Name(State)}.");
    }

    internal sealed class Map : IEntityTypeConfiguration<QuarantineEntry>
    {
        public void Configure(EntityTypeBuilder<QuarantineEntry> builder)
        {
            builder.ToTable("quarantine");
            builder.HasKey(q => q.Id);
            builder.Property(q => q.Id).ValueGeneratedNever();
            builder.Property(q => q.Sha256).HasMaxLength(ContentRecord.HashLength);
            builder.Property(q => q.MediaType).HasMaxLength(100);
            builder.Property(q => q.FileName).HasMaxLength(255);
            builder.Property(q => q.Account).HasMaxLength(RateLimitBurst.SubjectLength);
            builder.Property(q => q.SubmittedBy).HasMaxLength(RateLimitBurst.SubjectLength);
            builder.Property(q => q.Threat).HasMaxLength(200);
            builder.Property(q => q.Scanner).HasMaxLength(200);
            builder.Property(q => q.SignatureVersion).HasMaxLength(50);
            builder.Property(q => q.RequestedBy).HasMaxLength(RateLimitBurst.SubjectLength);
            builder.Property(q => q.DecidedBy).HasMaxLength(RateLimitBurst.SubjectLength);
            builder.Property(q => q.Version).IsConcurrencyToken();
            builder.HasIndex(q => q.Sha256).IsUnique().HasFilter($"state < {(int)QuarantineState.Released}").HasDatabaseName("ux_quarantine_open_content");
            builder.HasIndex(q => new { q.State, q.At }).HasDatabaseName("ix_quarantine_state");
        }
    }
}

/// <summary>An entry as others see it.</summary>
internal sealed record QuarantineView(
    Id<Quarantined> QuarantineId, QuarantineState Status, string FileHash, long FileSize, string MimeType, string? OriginalFilename, string AccountId, string SubmittedBy,
    string ThreatName, string Scanner, string? SignatureVersion, bool WasAccepted, int Times, DateTimeOffset QuarantinedAt, DateTimeOffset? ExpiresAt,
    string? ReleaseRequestedBy, string? Reason, string? DecidedBy, DateTimeOffset? DecidedAt)
{
    public static QuarantineView Of(QuarantineEntry q, int retentionDays) => new(
        q.Id, q.State, $"sha256:{q.Sha256}", q.Length, q.MediaType, q.FileName, q.Account, q.SubmittedBy, q.Threat, q.Scanner, q.SignatureVersion, q.WasAccepted, q.Times, q.At,
        q.State is QuarantineState.Quarantined or QuarantineState.ReleaseRequested ? q.At.AddDays(retentionDays) : null, q.RequestedBy, q.Reason, q.DecidedBy, q.Decided);
}
