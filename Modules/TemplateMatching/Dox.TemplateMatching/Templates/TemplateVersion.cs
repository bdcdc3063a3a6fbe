using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.TemplateMatching.Templates;

/// <summary>How a version came to be.</summary>
internal enum TemplateOrigin
{
    /// <summary>An author wrote it.</summary>
    Written,

    /// <summary>Learned from samples.</summary>
    Learned,

    /// <summary>A decided review taught it.</summary>
    Taught,

    /// <summary>An earlier version, put in force again.</summary>
    Restored,

    /// <summary>The template was withdrawn.</summary>
    Withdrawn,

    /// <summary>Taken over from another tool.</summary>
    Imported,
}

/// <summary>
/// What a template was from one moment to another. Versions of a template never overlap: where a later one begins, the one before it ends. None is
/// ever changed or removed, so that each change can be taken back.
/// </summary>
internal sealed class TemplateVersion
{
    public required string TemplateId { get; init; }

    /// <summary>From 1, without gaps: in which order they came, whatever the definition calls itself.</summary>
    public required int Revision { get; init; }

    /// <summary>The definition as YAML; null: from here on there is none.</summary>
    public string? Source { get; init; }

    /// <summary>What the learner knew, as JSON; null where nothing was learned.</summary>
    public string? Learning { get; init; }

    /// <summary>SHA-256 of the folder's definition that this one learned on top of; null for one of the database's own.</summary>
    public string? Base { get; init; }

    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Null: until further notice.</summary>
    public DateTimeOffset? ValidTo { get; set; }

    public required TemplateOrigin Origin { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required string CreatedBy { get; init; }

    public string? Reason { get; init; }

    public bool IsInForceAt(DateTimeOffset now) => ValidFrom <= now && (ValidTo is null || ValidTo > now);

    internal sealed class Map : IEntityTypeConfiguration<TemplateVersion>
    {
        public void Configure(EntityTypeBuilder<TemplateVersion> builder)
        {
            builder.ToTable("template_versions");
            builder.HasKey(v => new { v.TemplateId, v.Revision });
            builder.Property(v => v.TemplateId).HasMaxLength(100);
            builder.Property(v => v.Revision).ValueGeneratedNever();
            builder.Property(v => v.Base).HasMaxLength(64);
            builder.Property(v => v.Origin).HasConversion<string>().HasMaxLength(20);
            builder.Property(v => v.CreatedBy).HasMaxLength(200);
            builder.Property(v => v.Reason).HasMaxLength(1000);
        }
    }
}

/// <summary>A template's newest revision: who adds one counts up here, and of two at once the second learns of the first.</summary>
internal sealed class TemplateHead
{
    public required string TemplateId { get; init; }

    public required int Revision { get; set; }

    internal sealed class Map : IEntityTypeConfiguration<TemplateHead>
    {
        public void Configure(EntityTypeBuilder<TemplateHead> builder)
        {
            builder.ToTable("template_heads");
            builder.HasKey(h => h.TemplateId);
            builder.Property(h => h.TemplateId).HasMaxLength(100);
            builder.Property(h => h.Revision).IsConcurrencyToken();
        }
    }
}
