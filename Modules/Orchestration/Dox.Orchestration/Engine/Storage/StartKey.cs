using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>A start that must happen once: whoever comes with the same key gets the run that the first one started.</summary>
internal sealed class StartKey
{
    public required string Account { get; init; }

    public required string Key { get; init; }

    public required Id<Workflow> WorkflowId { get; init; }

    public required DateTimeOffset Created { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<StartKey>
    {
        public void Configure(EntityTypeBuilder<StartKey> builder)
        {
            builder.ToTable("start_keys");
            builder.HasKey(k => new { k.Account, k.Key });
            builder.Property(k => k.Account).HasMaxLength(200);
            builder.Property(k => k.Key).HasMaxLength(200);
            builder.HasIndex(k => k.Created).HasDatabaseName("ix_start_keys_created");
        }
    }
}
