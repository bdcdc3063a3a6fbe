using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.StoredResults;

/// <summary>What a rule stored, for good: a row is added and never changed.</summary>
internal sealed class StoredResult
{
    public const int LongestKey = 500;

    /// <summary>UUIDv7: later rows sort later.</summary>
    public required Guid Id { get; init; }

    public required int Bucket { get; init; }

    public required string Account { get; init; }

    /// <summary>The name that rules gave the table.</summary>
    public required string TableName { get; init; }

    /// <summary>With account and table unique.</summary>
    public required string Key { get; init; }

    /// <summary>JSON.</summary>
    public required string Data { get; init; }

    /// <summary>The run that stored it; of an embedded rule inside a step the step's key.</summary>
    public required string Source { get; init; }

    public Id<Document>? DocumentId { get; init; }

    public required string RuleName { get; init; }

    public required DateTimeOffset Created { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<StoredResult>
    {
        public void Configure(EntityTypeBuilder<StoredResult> builder)
        {
            builder.ToTable("results");
            builder.HasKey(r => r.Id);
            builder.Property(r => r.Account).HasMaxLength(200);
            builder.Property(r => r.TableName).HasMaxLength(100);
            builder.Property(r => r.Key).HasMaxLength(LongestKey);
            builder.Property(r => r.RuleName).HasMaxLength(200);
            builder.HasIndex(r => new { r.Account, r.TableName, r.Key }).IsUnique().HasDatabaseName("ux_results_key");
            builder.HasIndex(r => new { r.TableName, r.Id }).HasDatabaseName("ix_results_table");
        }
    }
}
