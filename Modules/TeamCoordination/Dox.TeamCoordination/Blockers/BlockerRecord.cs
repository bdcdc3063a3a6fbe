using System.Text.Json.Nodes;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.TeamCoordination.Blockers;

/// <summary>A problem that needs a team, from when it was met to when somebody wrote what was done about it.</summary>
internal sealed class BlockerRecord
{
    private BlockerRecord()
    {
    }

    public Id<Blocker> Id { get; private init; }

    public BlockerSeverity Severity { get; private init; }

    public required string Service { get; init; }

    public required string Team { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    public Id<Workflow>? WorkflowId { get; private init; }

    public required string OpenedBy { get; init; }

    public DateTimeOffset Opened { get; private init; }

    public string? ResolvedBy { get; private set; }

    public DateTimeOffset? Resolved { get; private set; }

    public string? Note { get; private set; }

    public int Version { get; private set; }

    public static BlockerRecord Open(OpenBlocker met, string team, string user, DateTimeOffset now) => new()
    {
        Id = met.Id,
        Severity = met.Severity,
        Service = met.Service.Cut(TextLimits.Name),
        Team = team,
        Title = met.Title.Cut(TextLimits.Subject),
        Description = met.Description.Cut(TextLimits.Message),
        WorkflowId = met.WorkflowId,
        OpenedBy = user.Cut(TextLimits.User),
        Opened = now,
    };

    public void Resolve(string note, string user, DateTimeOffset now)
    {
        if (Resolved is not null) throw DoxException.Conflict("blocker_resolved", $"{ResolvedBy} resolved it already, at {Resolved:u}: {Note}");
        (Note, ResolvedBy, Resolved) = (note.Cut(TextLimits.Message), user.Cut(TextLimits.User), now);
        Version++;
    }

    /// <summary>As it stands in <c>BLOCKING_ISSUES.json</c>.</summary>
    public JsonObject AsIssue()
    {
        var issue = new JsonObject
        {
            ["issue_id"] = Id.ToString(),
            ["service_name"] = Service,
            ["team"] = Team,
            ["severity"] = Severity.ToString().ToLowerInvariant(),
            ["title"] = Title,
            ["description"] = Description,
            ["workflow_id"] = WorkflowId?.ToString(),
            ["status"] = Resolved is null ? "open" : "resolved",
            ["opened_by"] = OpenedBy,
            ["opened_at"] = Opened.UtcDateTime.ToString("O"),
        };
        if (Resolved is { } resolved)
        {
            issue["resolved_by"] = ResolvedBy;
            issue["resolved_at"] = resolved.UtcDateTime.ToString("O");
            issue["resolution"] = Note;
        }

        return issue;
    }

    internal sealed class Map : IEntityTypeConfiguration<BlockerRecord>
    {
        public void Configure(EntityTypeBuilder<BlockerRecord> builder)
        {
            builder.ToTable("blockers");
            builder.HasKey(b => b.Id);
            builder.Property(b => b.Id).ValueGeneratedNever();
            builder.Property(b => b.Severity).HasConversion<string>().HasMaxLength(20);
            builder.Property(b => b.Service).HasMaxLength(TextLimits.Name);
            builder.Property(b => b.Team).HasMaxLength(TextLimits.Name);
            builder.Property(b => b.Title).HasMaxLength(TextLimits.Subject);
            builder.Property(b => b.Description).HasMaxLength(TextLimits.Message);
            builder.Property(b => b.OpenedBy).HasMaxLength(TextLimits.User);
            builder.Property(b => b.ResolvedBy).HasMaxLength(TextLimits.User);
            builder.Property(b => b.Note).HasMaxLength(TextLimits.Message);
            builder.Property(b => b.Version).IsConcurrencyToken();
            builder.HasIndex(b => new { b.Team, b.Id }).HasFilter("resolved IS NULL").HasDatabaseName("ix_blockers_open");
        }
    }
}
