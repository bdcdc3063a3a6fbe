using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.Teams;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TeamCoordination.Reviews;

internal static class ListReviews
{
    [Requires(Role.Reviewer, Role.Operator)]
    internal sealed record Query(string? Team, string? State, string? DocumentId, string? WorkflowId, int? Limit, string? Cursor) : IQuery<ReviewPage>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.State).Must(s => s is null || Enum.GetNames<ReviewState>().Contains(s, StringComparer.OrdinalIgnoreCase)).WithErrorCode("unknown_state")
                .WithMessage("state is one of open, claimed, approved, rejected.");
            RuleFor(q => q.DocumentId).Must(i => i is null || Id<Document>.TryParse(i, null, out _)).WithErrorCode("bad_id")
                .WithMessage("document_id has the form doc_…: 32 hexadecimal digits follow.");
            RuleFor(q => q.WorkflowId).Must(i => i is null || Id<Workflow>.TryParse(i, null, out _)).WithErrorCode("bad_id")
                .WithMessage("workflow_id has the form wf_…: 32 hexadecimal digits follow.");
        }
    }

    internal sealed class Handler(TeamCoordinationDbContext db, TeamDirectory teams, CallContext call, TimeProvider clock) : IRequestHandler<Query, ReviewPage>
    {
        public Task<ReviewPage> Handle(Query request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var reviews = db.Reviews.SeenBy(call.Caller, teams);
            if (request.Team is { } name)
            {
                var team = teams.Get(name).Name;
                reviews = reviews.Where(r => r.Team == team);
            }

            if (request.State is { } state) reviews = reviews.In(Enum.Parse<ReviewState>(state, ignoreCase: true), now);
            if (Id<Document>.TryParse(request.DocumentId, null, out var document)) reviews = reviews.Where(r => r.DocumentId == document);
            if (Id<Workflow>.TryParse(request.WorkflowId, null, out var workflow)) reviews = reviews.Where(r => r.WorkflowId == workflow);
            return reviews.PageAsync(request.Limit, request.Cursor, newestFirst: true, now, cancellationToken);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/reviews", (string? team, string? state, string? document_id, string? workflow_id, int? limit, string? cursor, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Query(team, state, document_id, workflow_id, limit, cursor), ct))
        .WithSummary("Reviews of the caller's teams, newest first")
        .Produces<ReviewPage>().ProducesProblem(StatusCodes.Status400BadRequest);
}
