using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.Validation.Data;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Quarantine;

/// <summary>What is in quarantine, and what was.</summary>
internal static class ListQuarantine
{
    private static readonly string[] s_states = [.. Enum.GetValues<QuarantineState>().Select(ValidationTelemetry.Name)];

    [Requires(Role.Operator)]
    internal sealed record Query(string? Status = null, int? Limit = null, string? Cursor = null) : IQuery<Result>;

    internal sealed record Result(bool Success, IReadOnlyList<QuarantineView> Quarantine, int Count, string? NextCursor, DateTimeOffset Timestamp);

    [Requires(Role.Operator)]
    internal sealed record One(Id<Quarantined> Id) : IQuery<QuarantineView>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() =>
            RuleFor(q => q.Status).Must(s => s is null || s_states.Contains(s, StringComparer.Ordinal))
                .WithErrorCode("unknown_status").WithMessage($"status is one of {string.Join(", ", s_states)}; left out, all.");
    }

    internal sealed class Handler(ValidationDbContext db, IOptions<ValidationOptions> options, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query request, CancellationToken cancellationToken)
        {
            var size = Page.Size(request.Limit);
            var entries = db.Quarantine.AsNoTracking();
            if (request.Status is { } status)
            {
                var state = (QuarantineState)Array.IndexOf(s_states, status);
                entries = entries.Where(q => q.State == state);
            }

            if (Page.Read(request.Cursor) is { } behind)
            {
                if (!Id<Quarantined>.TryParse(behind, null, out var last)) throw Page.InvalidCursor();
                entries = entries.Where(q => q.Id < last);
            }

            var rows = await entries.OrderByDescending(q => q.Id).Take(size + 1).ToListAsync(cancellationToken);
            var page = rows.Take(size).Select(q => QuarantineView.Of(q, options.Value.Quarantine.RetentionDays)).ToList();
            return new(true, page, page.Count, rows.Count > size ? Page.Behind(page[^1].QuarantineId.ToString()) : null, clock.GetUtcNow());
        }
    }

    internal sealed class OneHandler(ValidationDbContext db, IOptions<ValidationOptions> options) : IRequestHandler<One, QuarantineView>
    {
        public async Task<QuarantineView> Handle(One request, CancellationToken cancellationToken) =>
            await db.Quarantine.AsNoTracking().SingleOrDefaultAsync(q => q.Id == request.Id, cancellationToken) is { } entry
                ? QuarantineView.Of(entry, options.Value.Quarantine.RetentionDays)
                : throw DoxException.NotFound("quarantine_entry", request.Id.ToString());
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/quarantine", (string? status, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
                mediator.Send(new Query(status, limit, cursor), cancellationToken))
            .WithSummary("What is in quarantine, newest first")
            .Produces<Result>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden);
        api.MapGet("/quarantine/{id}", (Id<Quarantined> id, IMediator mediator, CancellationToken cancellationToken) => mediator.Send(new One(id), cancellationToken))
            .WithSummary("One entry of the quarantine")
            .Produces<QuarantineView>().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
    }
}
