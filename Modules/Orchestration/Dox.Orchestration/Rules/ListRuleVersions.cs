using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Messages;
using Dox.Workflows.Rules;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Rules;

/// <summary>Every text that a rule ever had here: runs are pinned to them.</summary>
internal static class ListRuleVersions
{
    private const int Most = 200;

    [Requires(Role.Submitter, Role.Reviewer, Role.Operator, Role.Author)]
    public sealed record Query(string Name) : IQuery<Result>;

    public sealed record Result(bool Success, string Name, IReadOnlyList<Item> Versions, DateTimeOffset Timestamp);

    /// <param name="Current">New runs begin with it.</param>
    /// <param name="LoadedAt">When it was first read.</param>
    /// <param name="PublishedAt">When it came over HTTP; null: from a file.</param>
    public sealed record Item(string Version, string Hash, bool Current, DateTimeOffset LoadedAt, DateTimeOffset? PublishedAt, string? PublishedBy);

    public sealed class Handler(OrchestrationDbContext db, RuleBook rules, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var current = rules.Find(query.Name)?.Hash;
            var stored = await db.RuleVersions.AsNoTracking().Where(v => v.Name == query.Name).OrderByDescending(v => v.Loaded).Take(Most)
                .Select(v => new Item(v.Version, v.Hash, v.Hash == current, v.Loaded, v.Published, v.PublishedBy)).ToListAsync(cancellationToken);
            if (stored.Count == 0) throw DoxException.NotFound("rule", query.Name);
            return new Result(true, query.Name, [.. stored.OrderByDescending(v => v.Version, RuleSet.VersionOrder).ThenByDescending(v => v.LoadedAt)], clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/rules/{name}/versions", async (string name, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(name), cancellationToken)))
            .WithSummary("The versions of a rule that were in force here, the highest first.")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
