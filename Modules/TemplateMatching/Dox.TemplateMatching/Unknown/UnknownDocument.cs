using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.TemplateMatching.Unknown;

/// <summary>A document that no template fits, kept as a fingerprint of its layout: hashes of its words and their places, from which nobody reads a value.</summary>
internal sealed class UnknownDocument
{
    public required Id<Document> DocumentId { get; init; }

    /// <summary>Whose document it is.</summary>
    public required string Account { get; init; }

    public required string Sha256 { get; init; }

    public required long Length { get; init; }

    public required string MediaType { get; init; }

    /// <summary>As <see cref="LayoutFingerprint"/> writes it.</summary>
    public required byte[] Fingerprint { get; init; }

    public required DateTimeOffset Seen { get; init; }

    /// <summary>The drafted template that it looks like; null while too few are like it.</summary>
    public string? DraftId { get; set; }

    /// <summary>Whether the draft was learned from it.</summary>
    public bool IsSample { get; set; }

    public DocumentRef Document => new(DocumentId, Sha256, Length, MediaType);

    internal sealed class Map : IEntityTypeConfiguration<UnknownDocument>
    {
        public void Configure(EntityTypeBuilder<UnknownDocument> builder)
        {
            builder.ToTable("unknown_documents");
            builder.HasKey(d => d.DocumentId);
            builder.Property(d => d.DocumentId).ValueGeneratedNever();
            builder.Ignore(d => d.Document);
            builder.Property(d => d.Account).HasMaxLength(200);
            builder.Property(d => d.Sha256).HasMaxLength(64);
            builder.Property(d => d.MediaType).HasMaxLength(200);
            builder.Property(d => d.DraftId).HasMaxLength(100);
            builder.HasIndex(d => d.Seen).HasDatabaseName("ix_unknown_documents_seen");
            builder.HasIndex(d => d.DraftId).HasDatabaseName("ix_unknown_documents_draft");
        }
    }
}
