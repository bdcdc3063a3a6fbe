using System.Text.Json;
using Dox.Orchestration.Triggers;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;
using Dox.Workflows.Rules;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Rules;

/// <summary>The rules that are loaded, and the files that couldn't be.</summary>
internal static class ListRules
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator, Role.Author)]
    public sealed record Query : IQuery<Result>;

    public sealed record Result(bool Success, IReadOnlyList<RuleSummary> Rules, int Count, IReadOnlyList<BrokenFile> Broken, DateTimeOffset Timestamp);

    public sealed record RuleSummary(string Name, string Service, string Version, string Priority, string Mode, string Description, int StepsCount, string TriggerType,
        IReadOnlyList<DateTimeOffset> NextFirings)
    {
        public static RuleSummary Of(Rule rule, DateTimeOffset now) => new(
            rule.Name, rule.Service, rule.Version, Snake(rule.Priority), Snake(rule.Mode), rule.Description, rule.Steps.Count, Snake(rule.Triggers[0].Type),
            CronScheduler.NextFirings(rule, now, 3));

        private static string Snake<T>(T value)
            where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
    }

    /// <param name="File">Its name.</param>
    /// <param name="Errors">What keeps its content from loading.</param>
    /// <param name="Kept">The version that stays in force in the meantime; null where there is none.</param>
    public sealed record BrokenFile(string File, IReadOnlyList<string> Errors, string? Kept);

    public sealed class Handler(RuleBook rules, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var loaded = rules.Loaded;
            List<RuleSummary> summaries = [.. loaded.Rules.Select(r => RuleSummary.Of(r, clock.GetUtcNow()))];
            return Task.FromResult(new Result(
                true, summaries, summaries.Count,
                [.. loaded.Files.Where(f => f.Errors.Any()).Select(f => new BrokenFile(f.FileName, [.. f.Errors.Select(e => e.ToString())], f.Rule?.ToString()))],
                clock.GetUtcNow()));
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/rules", async (IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(), cancellationToken)))
            .WithSummary("The rules.")
            .Produces(StatusCodes.Status200OK);
}
