using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.TemplateMatching.Teaching;

/// <summary>A file that a template was learned from. It is kept, so that the library can be tested against it.</summary>
internal sealed class TemplateSample
{
    public required Id<Document> Id { get; init; }

    public required string TemplateId { get; init; }

    public required string FileName { get; init; }

    public required string Sha256 { get; init; }

    public required long Length { get; init; }

    public required string MediaType { get; init; }

    public required DateTimeOffset Added { get; init; }

    public required string AddedBy { get; init; }

    public DocumentRef Document => new(Id, Sha256, Length, MediaType);

    internal sealed class Map : IEntityTypeConfiguration<TemplateSample>
    {
        public void Configure(EntityTypeBuilder<TemplateSample> builder)
        {
            builder.ToTable("template_samples");
            builder.HasKey(s => s.Id);
            builder.Property(s => s.Id).ValueGeneratedNever();
            builder.Ignore(s => s.Document);
            builder.Property(s => s.TemplateId).HasMaxLength(100);
            builder.Property(s => s.FileName).HasMaxLength(255);
            builder.Property(s => s.Sha256).HasMaxLength(64);
            builder.Property(s => s.MediaType).HasMaxLength(200);
            builder.Property(s => s.AddedBy).HasMaxLength(200);
            builder.HasIndex(s => s.TemplateId).HasDatabaseName("ix_template_samples_template");
        }
    }
}
