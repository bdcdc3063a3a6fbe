using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.TeamCoordination.Teams;

/// <summary>Something that a team was told.</summary>
internal sealed class TeamNotice
{
    public required Guid Id { get; init; }

    public required string Team { get; init; }

    public required string Subject { get; init; }

    public required string Message { get; init; }

    public required DateTimeOffset Sent { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<TeamNotice>
    {
        public void Configure(EntityTypeBuilder<TeamNotice> builder)
        {
            builder.ToTable("team_notices");
            builder.HasKey(n => n.Id);
            builder.Property(n => n.Team).HasMaxLength(TextLimits.Name);
            builder.Property(n => n.Subject).HasMaxLength(TextLimits.Subject);
            builder.Property(n => n.Message).HasMaxLength(TextLimits.Message);
            builder.HasIndex(n => new { n.Team, n.Sent }).HasDatabaseName("ix_team_notices_team");
        }
    }
}

internal sealed class NotifyTeamHandler(TeamCoordinationDbContext db, TeamDirectory teams, TimeProvider clock) : IRequestHandler<NotifyTeam, Unit>
{
    public async Task<Unit> Handle(NotifyTeam request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        db.Notices.Add(new TeamNotice
        {
            Id = Guid.CreateVersion7(now),
            Team = teams.Resolve(request.Team),
            Subject = request.Subject.Cut(TextLimits.Subject),
            Message = request.Message.Cut(TextLimits.Message),
            Sent = now,
        });
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}
