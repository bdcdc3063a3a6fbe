using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.Reviews;
using Dox.TeamCoordination.Teams;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Blockers;

/// <summary>Every team sees every blocker: what holds one up is often another's.</summary>
internal static class ListBlockers
{
    [Requires(Role.Reviewer, Role.Operator)]
    internal sealed record Query(string? Team, string? Status, int? Limit, string? Cursor) : IQuery<Result>;

    internal sealed record Result(IReadOnlyList<BlockerView> Blockers, string? NextCursor);

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Status).Must(s => s is null or "open" or "resolved").WithErrorCode("unknown_status").WithMessage("status is open or resolved; left out, both.");
            RuleFor(q => q.Limit).InclusiveBetween(1, ReviewQueries.MaxLimit).WithErrorCode("bad_limit").WithMessage($"limit lies between 1 and {ReviewQueries.MaxLimit}.");
            RuleFor(q => q.Cursor).Must(i => i is null || Id<Blocker>.TryParse(i, null, out _)).WithErrorCode("bad_cursor")
                .WithMessage("cursor is the next_cursor of an earlier answer.");
        }
    }

    internal sealed class Handler(TeamCoordinationDbContext db, TeamDirectory teams, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var size = request.Limit ?? ReviewQueries.DefaultLimit;
            var blockers = db.Blockers.AsNoTracking();
            if (request.Team is { } name)
            {
                var team = teams.Get(name).Name;
                blockers = blockers.Where(b => b.Team == team);
            }

            if (request.Status is { } status) blockers = status == "open" ? blockers.Where(b => b.Resolved == null) : blockers.Where(b => b.Resolved != null);
            if (Id<Blocker>.TryParse(request.Cursor, null, out var last)) blockers = blockers.Where(b => b.Id < last);
            var rows = await blockers.OrderByDescending(b => b.Id).Take(size + 1).ToListAsync(cancellationToken);
            var page = rows.Take(size).Select(b => BlockerView.Of(b, now)).ToList();
            return new(page, rows.Count > size ? page[^1].BlockerId.ToString() : null);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/blockers", (string? team, string? status, int? limit, string? cursor, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Query(team, status, limit, cursor), ct))
        .WithSummary("Blockers, newest first")
        .Produces<Result>();
}
