using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Services;

/// <summary>How the services fare that rules call.</summary>
internal static class GetServiceHealth
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator, Role.Author)]
    public sealed record Query : IQuery<Result>;

    public sealed record Result(bool Success, IReadOnlyDictionary<string, ServiceState> Services, DateTimeOffset Timestamp);

    public sealed class Handler(ServiceHealth health, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            if (health.States.Count == 0) await health.CheckAsync(cancellationToken);
            return new(true, health.States, clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/services/health", async (IMediator mediator, CancellationToken cancellationToken) => TypedResults.Ok(await mediator.Send(new Query(), cancellationToken)))
            .WithSummary("How the services fare that rules call.");
}
