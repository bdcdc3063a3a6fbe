using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Messages;
using Dox.Workflows;
using Dox.Workflows.Rules;
using Dox.Workflows.Simulation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Rules;

/// <summary>Runs a rule on an input with mocked outcomes. Nothing is called, written or kept.</summary>
internal static class SimulateRule
{
    /// <param name="RuleName">A rule that is loaded; or</param>
    /// <param name="Source">the YAML of one that isn't.</param>
    /// <param name="Input">What the run is given.</param>
    /// <param name="Facts">What DOX would know: <c>account_id</c>, <c>team</c>….</param>
    /// <param name="Mocks">By step: <c>output</c>, <c>error</c>, <c>approve</c>, <c>reject</c> or <c>event</c>, or a list with one for each attempt.</param>
    /// <param name="Now">When it starts; now where not given.</param>
    [Requires(Role.Author)]
    public sealed record Query(string? RuleName = null, string? Source = null, JsonNode? Input = null, JsonObject? Facts = null, JsonObject? Mocks = null, DateTimeOffset? Now = null)
        : IQuery<Result>;

    public sealed record Result(bool Success, SimulationReport Simulation, DateTimeOffset Timestamp);

    public sealed class Handler(RuleBook rules, RuleParser parser, Vocabulary vocabulary, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var (rule, set) = Resolve(query.RuleName, query.Source, rules, parser);
            var mocks = MockedSteps.Read(query.Mocks?.ToJsonString() ?? "{}", set.StepsOf(rule), out var problems)
                ?? throw DoxException.Invalid("mocks_invalid", $"The mocks can't be read: {problems[0].Message}", RuleText.Findings(problems));
            var start = new SimulationStart(query.Input, query.Facts, query.Now ?? clock.GetUtcNow());
            try
            {
                var result = await new RuleSimulator(vocabulary, set.Rules).RunAsync(rule.Name, start, mocks, cancellationToken);
                return new Result(true, SimulationReport.Of(result), clock.GetUtcNow());
            }
            catch (TimeoutException e)
            {
                throw new DoxException(422, "simulation_too_long", e.Message);
            }
        }
    }

    /// <summary>The rule that is meant, and the rules with it among them.</summary>
    /// <exception cref="DoxException">404, 422: there is none, or it can't be loaded; 400: none is named.</exception>
    public static (Rule Rule, RuleSet Rules) Resolve(string? name, string? source, RuleBook rules, RuleParser parser)
    {
        if (source is null)
        {
            if (name is null) throw DoxException.Invalid("rule_missing", "Name a rule in rule_name, or send its YAML in source.");
            return (rules.Find(name) ?? throw DoxException.NotFound("rule", name), rules.Loaded);
        }

        var parsed = parser.Parse(source, "rule.yaml");
        if (parsed.Rule is not { } rule) throw new DoxException(422, "rule_invalid", $"The rule can't be loaded: {parsed.Errors.First()}", RuleText.Findings(parsed.Diagnostics));
        return (rule, new RuleSet([parsed, .. rules.Loaded.Rules.Where(other => other.Name != rule.Name).Select(other => new RuleParseResult(other.FileName, other, []))]));
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/rules/simulate", async (Query body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(body, cancellationToken)))
            .WithSummary("Run a rule on an input with mocked outcomes, without any effect.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
}
