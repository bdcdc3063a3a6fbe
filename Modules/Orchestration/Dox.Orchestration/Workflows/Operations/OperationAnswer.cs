using Dox.Orchestration.Engine.Operations;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Dox.Orchestration.Workflows.Operations;

/// <summary>What an operator's verb did.</summary>
/// <param name="Success">True: what can't be done is a problem.</param>
/// <param name="WorkflowId">The run.</param>
/// <param name="Status">Its state now.</param>
/// <param name="PreviousStatus">Its state before.</param>
/// <param name="Pending">A step is under way: the verb is done before the next one.</param>
/// <param name="Timestamp">Now.</param>
internal sealed record OperationAnswer(bool Success, Id<Workflow> WorkflowId, string Status, string PreviousStatus, bool Pending, DateTimeOffset Timestamp)
{
    public static OperationAnswer Of(OperationResult result, DateTimeOffset now) =>
        new(true, result.Run, Verbs.Name(result.To), Verbs.Name(result.From), result.IsPending, now);

    public IResult ToResult() => Results.Json(this, statusCode: Pending ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
}

/// <summary>What the verbs have in common.</summary>
internal static class OperationRoutes
{
    public static RouteHandlerBuilder ProducesOperation(this RouteHandlerBuilder route) => route
        .Produces<OperationAnswer>()
        .Produces<OperationAnswer>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict);

    public static void IsReason<T>(this IRuleBuilder<T, string?> rule, bool required = false)
    {
        if (required) rule.NotEmpty().WithErrorCode("reason_missing").WithMessage("Say why in reason: history and audit tell it.");
        rule.MaximumLength(AuditRecord.LongestReason).WithErrorCode("reason_too_long").WithMessage($"reason has at most {AuditRecord.LongestReason} characters.");
        rule.Must(reason => reason is null || !reason.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))).WithErrorCode("bad_reason")
            .WithMessage("reason has no control characters but ends of lines and tabs.");
    }
}
