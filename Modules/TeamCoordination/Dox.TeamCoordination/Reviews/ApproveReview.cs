using System.Text.Json;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TeamCoordination.Reviews;

internal static class ApproveReview
{
    private const int MaxFields = 500;

    [Requires(Role.Reviewer)]
    internal sealed record Command(Id<Review> ReviewId, string? TemplateId, IReadOnlyDictionary<string, JsonElement> Fields, string? Reason) : ICommand<ReviewView>;

    /// <param name="TemplateId">The template that the document is an instance of.</param>
    /// <param name="Fields">Corrected fields by name.</param>
    /// <param name="Reason">In words.</param>
    internal sealed record Body(string? TemplateId = null, Dictionary<string, JsonElement>? Fields = null, string? Reason = null);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.TemplateId).Must(t => t is null || t.Trim().Length > 0).WithErrorCode("empty_template_id")
                .WithMessage("template_id is empty. Leave it out where the review is about no template.");
            RuleFor(c => c.TemplateId).MaximumLength(TextLimits.Name).WithErrorCode("template_id_too_long").WithMessage($"template_id has at most {TextLimits.Name} characters.");
            RuleFor(c => c.TemplateId).Must(t => t is null || !t.Any(char.IsControl)).WithErrorCode("bad_template_id").WithMessage("template_id has no control characters.");
            RuleFor(c => c.Reason).Must(TextLimits.IsClean).WithErrorCode("bad_reason").WithMessage("reason has no control characters but ends of lines and tabs.");
            RuleFor(c => c.Reason).MaximumLength(TextLimits.Message - 1).WithErrorCode("reason_too_long").WithMessage($"reason has at most {TextLimits.Message - 1} characters.");
            RuleFor(c => c.Fields.Count).LessThanOrEqualTo(MaxFields).WithErrorCode("too_many_fields").WithMessage($"fields has at most {MaxFields} entries.");
            RuleFor(c => c.Fields.Keys).Must(keys => keys.All(k => k.Length is > 0 and <= TextLimits.Name && !k.Any(char.IsControl))).WithErrorCode("bad_field_name")
                .WithMessage($"A field's name has 1 to {TextLimits.Name} characters, none of them a control character.");
        }
    }

    internal sealed class Handler(TeamCoordinationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Command, ReviewView>
    {
        public async Task<ReviewView> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var review = await db.Reviews.OfOwnTeamAsync(request.ReviewId, call.Caller, cancellationToken);
            db.Raise(review.Approve(call.Caller.User, now, request.TemplateId, request.Fields, request.Reason?.Cut(TextLimits.Message)));
            await db.SaveChangesAsync(cancellationToken);
            return ReviewView.OfWhole(review, now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapPost("/reviews/{id}/approve", (Id<Review> id, Body? body, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Command(id, body?.TemplateId, body?.Fields ?? [], body?.Reason), ct))
        .WithSummary("Approve, with the template and corrected fields; the run goes on")
        .Produces<ReviewView>().ProducesProblem(StatusCodes.Status409Conflict);
}
