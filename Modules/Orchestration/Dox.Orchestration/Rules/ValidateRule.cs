using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;
using Dox.Workflows.Rules;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Rules;

/// <summary>Says everything that is wrong with a rule, beside the rules that are loaded. Nothing is kept.</summary>
internal static class ValidateRule
{
    [Requires(Role.Author)]
    public sealed record Query(string Source) : IQuery<Result>;

    /// <param name="Success">The rule was looked at.</param>
    /// <param name="Valid">Nothing keeps it from loading.</param>
    /// <param name="Name">The rule's name, where it can be read.</param>
    /// <param name="Diagnostics">What was found, in the order of the text.</param>
    public sealed record Result(bool Success, bool Valid, string? Name, string? Version, string? Hash, int Errors, int Warnings, IReadOnlyList<Diagnostic> Diagnostics, DateTimeOffset Timestamp);

    public sealed class Handler(RuleParser parser, RuleBook rules, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var parsed = Beside(rules.Loaded, parser.Parse(query.Source, "rule.yaml"), parser);
            var errors = parsed.Errors.Count();
            return Task.FromResult(new Result(
                true, parsed.Rule is not null, parsed.Rule?.Name, parsed.Rule?.Version, parsed.Rule?.Hash, errors, parsed.Diagnostics.Count - errors, parsed.Diagnostics, clock.GetUtcNow()));
        }
    }

    /// <summary>The rule with what shows only beside the others: a child that isn't there, a trigger or a route that is taken.</summary>
    public static RuleParseResult Beside(RuleSet loaded, RuleParseResult parsed, RuleParser parser)
    {
        if (parsed.Rule is not { } rule) return parsed;
        var others = loaded.Rules.Where(other => other.Name != rule.Name).Select(other => new RuleParseResult(other.FileName, other, []));
        return new RuleSet([parsed, .. others], parser.Vocabulary.OwnRoutes).Files[0];
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/rules/validate", async (HttpRequest request, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(await RuleText.ReadAsync(request, cancellationToken)), cancellationToken)))
            .WithSummary("What is wrong with a rule: lints the YAML in the body.")
            .Accepts<string>("application/yaml", "text/plain", "application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge);
}
