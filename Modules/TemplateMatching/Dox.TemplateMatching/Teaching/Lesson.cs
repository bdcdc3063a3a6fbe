using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.TemplateMatching.Teaching;

/// <summary>What a decided document taught a template: to look like it, or not to.</summary>
internal sealed class Lesson
{
    public required Id<Document> DocumentId { get; init; }

    public required string TemplateId { get; init; }

    public required string Sha256 { get; init; }

    public required long Length { get; init; }

    public required string MediaType { get; init; }

    /// <summary>Whether it is an instance of the template; false: it was taken for one and isn't.</summary>
    public required bool IsExample { get; set; }

    /// <summary>The version that it made.</summary>
    public required int Revision { get; set; }

    public required DateTimeOffset Taught { get; set; }

    public required string TaughtBy { get; set; }

    /// <summary>The version that took it back; null while it counts.</summary>
    public int? UndoneRevision { get; set; }

    public string? UndoneBy { get; set; }

    public DocumentRef Document => new(DocumentId, Sha256, Length, MediaType);

    internal sealed class Map : IEntityTypeConfiguration<Lesson>
    {
        public void Configure(EntityTypeBuilder<Lesson> builder)
        {
            builder.ToTable("lessons");
            builder.HasKey(l => new { l.DocumentId, l.TemplateId });
            builder.Ignore(l => l.Document);
            builder.Property(l => l.TemplateId).HasMaxLength(100);
            builder.Property(l => l.Sha256).HasMaxLength(64);
            builder.Property(l => l.MediaType).HasMaxLength(200);
            builder.Property(l => l.TaughtBy).HasMaxLength(200);
            builder.Property(l => l.UndoneBy).HasMaxLength(200);
            builder.HasIndex(l => new { l.TemplateId, l.Revision }).HasDatabaseName("ix_lessons_template");
        }
    }
}
