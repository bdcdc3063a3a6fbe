using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Rules;

/// <summary>A rule as it is written, and what the linter says of it.</summary>
internal static class GetRule
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator, Role.Author)]
    public sealed record Query(string Name) : IQuery<Result>;

    public sealed record Result(
        string Name, string Version, string Service, string Description, string Hash, IReadOnlyList<Step> Steps, string Source, IReadOnlyList<string> Diagnostics);

    public sealed record Step(string Name, string Action, int Line);

    public sealed class Handler(RuleBook rules) : IRequestHandler<Query, Result>
    {
        public Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var rule = rules.Find(query.Name) ?? throw DoxException.NotFound("rule", query.Name);
            var file = rules.Loaded.Files.First(f => f.Rule?.Hash == rule.Hash);
            return Task.FromResult(new Result(
                rule.Name, rule.Version, rule.Service, rule.Description, rule.Hash, [.. rule.Steps.Select(s => new Step(s.Name, s.Action, s.Line))],
                rule.Source, [.. file.Diagnostics.Select(d => d.ToString())]));
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/rules/{name}", async (string name, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(name), cancellationToken)))
            .WithSummary("A rule, as it is written.")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
