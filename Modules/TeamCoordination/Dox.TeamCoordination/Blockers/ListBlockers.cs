using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
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

    internal sealed record Result(bool Success, IReadOnlyList<BlockerView> Blockers, int Count, string? NextCursor, DateTimeOffset Timestamp);

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() =>
            RuleFor(q => q.Status).Must(s => s is null or "open" or "resolved").WithErrorCode("unknown_status").WithMessage("status is open or resolved; left out, both.");
    }

    internal sealed class Handler(TeamCoordinationDbContext db, TeamDirectory teams, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var size = Page.Size(request.Limit);
            var blockers = db.Blockers.AsNoTracking();
            if (request.Team is { } name)
            {
                var team = teams.Get(name).Name;
                blockers = blockers.Where(b => b.Team == team);
            }

            if (request.Status is { } status) blockers = status == "open" ? blockers.Where(b => b.Resolved == null) : blockers.Where(b => b.Resolved != null);
            if (Page.Read(request.Cursor) is { } behind)
            {
                if (!Id<Blocker>.TryParse(behind, null, out var last)) throw Page.InvalidCursor();
                blockers = blockers.Where(b => b.Id < last);
            }

            var rows = await blockers.OrderByDescending(b => b.Id).Take(size + 1).ToListAsync(cancellationToken);
            var page = rows.Take(size).Select(b => BlockerView.Of(b, now)).ToList();
            return new(true, page, page.Count, rows.Count > size ? Page.Behind(page[^1].BlockerId.ToString()) : null, now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/blockers", (string? team, string? status, int? limit, string? cursor, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Query(team, status, limit, cursor), ct))
        .WithSummary("Blockers, newest first")
        .Produces<Result>().ProducesProblem(StatusCodes.Status400BadRequest);
}
