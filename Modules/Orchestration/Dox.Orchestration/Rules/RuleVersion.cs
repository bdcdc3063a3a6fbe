using Dox.Workflows.Rules;
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

    /// <summary>When it was published over HTTP: then it is a rule on every replica. Null: it stood in a file.</summary>
    public DateTimeOffset? Published { get; set; }

    public string? PublishedBy { get; set; }

    public static RuleVersion Of(Rule rule, DateTimeOffset now) => new() { Hash = rule.Hash, Name = rule.Name, Version = rule.Version, Source = rule.Source, Loaded = now };

    internal sealed class Map : IEntityTypeConfiguration<RuleVersion>
    {
        public void Configure(EntityTypeBuilder<RuleVersion> builder)
        {
            builder.ToTable("rule_versions");
            builder.HasKey(v => v.Hash);
            builder.Property(v => v.Hash).HasMaxLength(64);
            builder.Property(v => v.Name).HasMaxLength(200);
            builder.Property(v => v.Version).HasMaxLength(50);
            builder.Property(v => v.PublishedBy).HasMaxLength(200);
            builder.HasIndex(v => new { v.Name, v.Version }).HasDatabaseName("ix_rule_versions_name");
            builder.HasIndex(v => v.Published).HasFilter("published IS NOT NULL").HasDatabaseName("ix_rule_versions_published");
        }
    }
}
