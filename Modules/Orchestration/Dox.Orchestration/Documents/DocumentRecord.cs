using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Documents;

/// <summary>A submitted document that was accepted. Its state is its run's: <see cref="WorkflowId"/>.</summary>
internal sealed class DocumentRecord
{
    public required Id<Document> Id { get; init; }

    public required int Bucket { get; init; }

    /// <summary>Who owns it. With <see cref="Sha256"/> unique: the same content is one document.</summary>
    public required string Account { get; init; }

    public required string SubmittedBy { get; init; }

    public required string FileName { get; init; }

    public required string MediaType { get; init; }

    public required string Sha256 { get; init; }

    public required long Length { get; init; }

    /// <summary>What the submitter sent along, as a JSON object.</summary>
    public required string Metadata { get; init; }

    /// <summary>The validation's result, as JSON.</summary>
    public required string Validation { get; init; }

    public required Id<Workflow> WorkflowId { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Since when its content can be read.</summary>
    public DateTimeOffset? Stored { get; private set; }

    /// <summary>The account that it is about, where that isn't its owner's.</summary>
    public string? AssociatedAccount { get; private set; }

    public string? TemplateId { get; private set; }

    public double? Confidence { get; private set; }

    /// <summary>Extracted values by name, as a JSON object.</summary>
    public string? Fields { get; private set; }

    /// <summary>What it is found by; see <see cref="DocumentWords"/>.</summary>
    public string Words { get; private set; } = "";

    /// <summary>Since when another document has taken its place; null for the one that its content is known as.</summary>
    public DateTimeOffset? Superseded { get; private set; }

    /// <summary>The document of the same content whose place it took.</summary>
    public Id<Document>? Replaces { get; init; }

    /// <summary>What was found out about its content after it came in: <c>clean</c>, <c>unscannable</c>, <c>quarantined</c>, <c>released</c>, <c>deleted</c>; null for nothing.</summary>
    public string? LaterVerdict { get; private set; }

    /// <summary>What the scanner said then, as JSON.</summary>
    public string? LaterScan { get; private set; }

    public DateTimeOffset? Judged { get; private set; }

    /// <summary>Since when it is under legal hold: neither it nor its runs are deleted, whatever retention says; null: it isn't.</summary>
    public DateTimeOffset? HeldSince { get; private set; }

    /// <summary>Why, in the words of who put it there.</summary>
    public string? HoldReason { get; private set; }

    /// <summary>Since when it is deleted: only who it was remains; null: it isn't. A write that was begun before comes too late.</summary>
    public DateTimeOffset? Deleted { get; private set; }

    /// <summary>Whether its bytes were taken out of reach.</summary>
    public bool IsWithdrawn => LaterVerdict is "quarantined" or "deleted";

    public DocumentRef Ref => new(Id, Sha256, Length, MediaType);

    /// <summary>Says anew what it is found by, after its name, metadata or fields were set.</summary>
    public DocumentRecord WithWords()
    {
        Words = DocumentWords.Of(FileName, Metadata, Fields);
        return this;
    }

    public void MarkStored(DateTimeOffset now) => Stored ??= now;

    public void Judge(string verdict, string scan, DateTimeOffset at) => (LaterVerdict, LaterScan, Judged) = (verdict, scan, at);

    public void Hold(string? reason, DateTimeOffset now) => (HeldSince, HoldReason) = (HeldSince ?? now, reason);

    public void LiftHold() => (HeldSince, HoldReason) = (null, null);

    public void Associate(string? account, string? templateId, double? confidence, string? fields)
    {
        (AssociatedAccount, TemplateId, Confidence, Fields) = (account ?? AssociatedAccount, templateId ?? TemplateId, confidence ?? Confidence, fields ?? Fields);
        WithWords();
    }

    internal sealed class Map : IEntityTypeConfiguration<DocumentRecord>
    {
        public void Configure(EntityTypeBuilder<DocumentRecord> builder)
        {
            builder.ToTable("documents");
            builder.HasKey(d => d.Id);
            builder.Ignore(d => d.Ref);
            builder.Ignore(d => d.IsWithdrawn);
            builder.Property(d => d.Account).HasMaxLength(200);
            builder.Property(d => d.SubmittedBy).HasMaxLength(200);
            builder.Property(d => d.FileName).HasMaxLength(255);
            builder.Property(d => d.MediaType).HasMaxLength(100);
            builder.Property(d => d.Sha256).HasMaxLength(64);
            builder.Property(d => d.AssociatedAccount).HasMaxLength(200);
            builder.Property(d => d.TemplateId).HasMaxLength(200);
            builder.Property(d => d.LaterVerdict).HasMaxLength(20);
            builder.Property(d => d.HoldReason).HasMaxLength(AuditRecord.LongestReason);
            builder.Property(d => d.Deleted).IsConcurrencyToken();
            builder.HasIndex(d => d.HeldSince).HasFilter("held_since IS NOT NULL").HasDatabaseName("ix_documents_held");
            builder.HasIndex(d => new { d.Account, d.Sha256 }).IsUnique().HasFilter("superseded IS NULL").HasDatabaseName("ux_documents_account_content");
            builder.HasIndex(d => d.Sha256).HasDatabaseName("ix_documents_content");
            builder.HasIndex(d => new { d.Account, d.Id }).HasDatabaseName("ix_documents_account");
            builder.HasIndex(d => d.WorkflowId).HasDatabaseName("ix_documents_workflow");
        }
    }
}
