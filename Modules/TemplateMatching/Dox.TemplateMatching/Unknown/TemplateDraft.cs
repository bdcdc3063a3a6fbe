using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.TemplateMatching.Unknown;

/// <summary>What became of a drafted template.</summary>
internal enum DraftState
{
    /// <summary>An author is to look at it.</summary>
    Open,

    /// <summary>It is a template now.</summary>
    Published,

    /// <summary>It isn't wanted; documents like it propose nothing any more.</summary>
    Dismissed,
}

/// <summary>A template that alike unknown documents propose.</summary>
internal sealed class TemplateDraft
{
    /// <summary>The id that the template has where nobody gives it another.</summary>
    public required string Id { get; init; }

    /// <summary>The definition, as YAML.</summary>
    public required string Source { get; init; }

    /// <summary>What the documents have in common, as JSON.</summary>
    public required string Learning { get; init; }

    /// <summary>How many documents look like it, those that came since included.</summary>
    public required int Documents { get; set; }

    public required DateTimeOffset Proposed { get; init; }

    public required DraftState State { get; set; }

    /// <summary>The template that it was published as.</summary>
    public string? TemplateId { get; set; }

    public DateTimeOffset? Decided { get; set; }

    public string? DecidedBy { get; set; }

    internal sealed class Map : IEntityTypeConfiguration<TemplateDraft>
    {
        public void Configure(EntityTypeBuilder<TemplateDraft> builder)
        {
            builder.ToTable("template_drafts");
            builder.HasKey(d => d.Id);
            builder.Property(d => d.Id).HasMaxLength(100);
            builder.Property(d => d.State).HasConversion<string>().HasMaxLength(20).IsConcurrencyToken();
            builder.Property(d => d.TemplateId).HasMaxLength(100);
            builder.Property(d => d.DecidedBy).HasMaxLength(200);
            builder.HasIndex(d => new { d.State, d.Id }).HasDatabaseName("ix_template_drafts_state");
        }
    }
}
