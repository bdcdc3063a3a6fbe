using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.History;

/// <summary>What retention would take now: a dry run, also for a number of days that isn't set yet.</summary>
internal static class GetRetention
{
    [Requires(Role.Operator)]
    public sealed record Query(int? Days = null) : IQuery<Result>;

    /// <param name="Days">How long ended runs are kept; null: for ever.</param>
    /// <param name="EndedBefore">What ended before is too old.</param>
    /// <param name="Due">Oldest first.</param>
    public sealed record Result(bool Success, int? Days, DateTimeOffset? EndedBefore, IReadOnlyList<DueHistory> Due, DateTimeOffset Timestamp);

    public sealed class Handler(HistoryRetention retention, IOptions<RetentionOptions> options, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            if (query.Days is < 1 or > 36_500) throw DoxException.Invalid("invalid_days", "'days' is a number from 1 to 36500: how long ended runs are to be kept.");
            var endedBefore = retention.EndedBefore(query.Days);
            return new(
                true, query.Days ?? options.Value.MetadataDays, endedBefore, endedBefore is { } before ? await retention.PlanAsync(before, cancellationToken) : [], clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/retention", async (int? days, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(days), cancellationToken)))
            .WithSummary("What retention would take: a dry run.")
            .WithDescription("Nothing is changed. Give days to see what another setting would take.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden);
}
