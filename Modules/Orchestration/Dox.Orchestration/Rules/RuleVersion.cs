using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Rules;

/// <summary>The text of a rule as it was when a run began with it: a run goes on with that, however the file changed since.</summary>
internal sealed class RuleVersion
{
    public required string Hash { get; init; }

    public required string Name { get; init; }

    public required string Version { get; init; }

    public required string Source { get; init; }

    public required DateTimeOffset Loaded { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<RuleVersion>
    {
        public void Configure(EntityTypeBuilder<RuleVersion> builder)
        {
            builder.ToTable("rule_versions");
            builder.HasKey(v => v.Hash);
            builder.Property(v => v.Hash).HasMaxLength(64);
            builder.Property(v => v.Name).HasMaxLength(200);
            builder.Property(v => v.Version).HasMaxLength(50);
            builder.HasIndex(v => new { v.Name, v.Version }).HasDatabaseName("ix_rule_versions_name");
        }
    }
}
