using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Triggers;

/// <summary>How far a rule's schedule was followed.</summary>
internal sealed class RuleSchedule
{
    public required string RuleName { get; init; }

    public required string Cron { get; init; }

    /// <summary>The last firing that was dealt with, or when the schedule was first seen. UTC.</summary>
    public required DateTimeOffset Followed { get; set; }

    /// <summary>A firing that waits for the run before it to end.</summary>
    public DateTimeOffset? Queued { get; set; }

    internal sealed class Map : IEntityTypeConfiguration<RuleSchedule>
    {
        public void Configure(EntityTypeBuilder<RuleSchedule> builder)
        {
            builder.ToTable("rule_schedules");
            builder.HasKey(s => new { s.RuleName, s.Cron });
            builder.Property(s => s.RuleName).HasMaxLength(200);
            builder.Property(s => s.Cron).HasMaxLength(200);
        }
    }
}
