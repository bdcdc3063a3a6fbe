using System.Text.Json;
using Dox.SharedKernel;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.TemplateMatching.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.TemplateMatching.Data;

/// <summary>A recognition as it was answered, kept whole as JSON, with the columns that it is found by.</summary>
internal sealed class StoredRecognition
{
    public required Id<Recognition> Id { get; init; }

    public required Id<Document> DocumentId { get; init; }

    /// <summary>Whose document it is.</summary>
    public required string Account { get; init; }

    public required string Sha256 { get; init; }

    public required long Length { get; init; }

    public required string MediaType { get; init; }

    public required string Decision { get; set; }

    public required double Confidence { get; set; }

    public string? TemplateId { get; set; }

    /// <summary>Who declared what the document is, once somebody did.</summary>
    public string? DecidedBy { get; set; }

    public required string Record { get; set; }

    public required DateTimeOffset Recognized { get; init; }

    public DocumentRef Document => new(DocumentId, Sha256, Length, MediaType);

    public RecognitionRecord Read() =>
        JsonSerializer.Deserialize<RecognitionRecord>(Record, DoxJson.Options) ?? throw new InvalidOperationException($"The record of {Id} is empty.");

    public static StoredRecognition Of(RecognitionRecord record, DocumentRef document, string account, DateTimeOffset now) => new()
    {
        Id = record.RecognitionProfileId,
        DocumentId = document.Id,
        Account = account,
        Sha256 = document.Sha256,
        Length = document.Length,
        MediaType = document.MediaType,
        Decision = TemplateMatchingTelemetry.NameOf(record.Decision),
        Confidence = record.Confidence,
        TemplateId = record.TemplateMatched?.TemplateId,
        Record = JsonSerializer.Serialize(record, DoxJson.Options),
        Recognized = now,
    };

    public void Write(RecognitionRecord record)
    {
        TemplateId = record.TemplateMatched?.TemplateId;
        Record = JsonSerializer.Serialize(record, DoxJson.Options);
    }

    internal sealed class Map : IEntityTypeConfiguration<StoredRecognition>
    {
        public void Configure(EntityTypeBuilder<StoredRecognition> builder)
        {
            builder.ToTable("recognitions");
            builder.HasKey(r => r.Id).HasName("pk_recognitions");
            builder.Property(r => r.Id).ValueGeneratedNever();
            builder.Property(r => r.Account).HasMaxLength(200);
            builder.Property(r => r.Sha256).HasMaxLength(64);
            builder.Property(r => r.MediaType).HasMaxLength(200);
            builder.Property(r => r.Decision).HasMaxLength(40);
            builder.Property(r => r.TemplateId).HasMaxLength(200);
            builder.Property(r => r.DecidedBy).HasMaxLength(200);
            builder.Ignore(r => r.Document);
            builder.HasIndex(r => new { r.DocumentId, r.Recognized }).HasDatabaseName("ix_recognitions_document");
            builder.HasIndex(r => new { r.TemplateId, r.Recognized }).HasDatabaseName("ix_recognitions_template");
        }
    }
}
