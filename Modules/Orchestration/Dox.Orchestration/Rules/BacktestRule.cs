using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Messages;
using Dox.Workflows;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Simulation;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Rules;

/// <summary>What the ended runs of a rule would have come to under another version of it. Nothing is called, written or kept.</summary>
internal static class BacktestRule
{
    private const int DefaultRuns = 100;
    private const int MostRuns = 500;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(25);

    /// <param name="RuleName">A rule that is loaded, as the new version; or</param>
    /// <param name="Source">the YAML of the new version.</param>
    /// <param name="BaselineVersion">A version that was in force here, to compare with; absent: what the runs really came to.</param>
    /// <param name="From">Runs that were started from here on.</param>
    /// <param name="To">And before this.</param>
    /// <param name="Limit">How many runs at most, the newest first: 1 to 500, 100 where not given.</param>
    [Requires(Role.Author)]
    public sealed record Query(
        string? RuleName = null, string? Source = null, string? BaselineVersion = null, DateTimeOffset? From = null, DateTimeOffset? To = null, int? Limit = null) : IQuery<Result>;

    /// <param name="Compared">How many runs were looked at: fewer than there are, where the time ran out.</param>
    /// <param name="Same">How many of them come to the same.</param>
    /// <param name="Flipped">Those that come to something else, with the line that decides.</param>
    /// <param name="Unknown">Those that come to a step of which nobody knows what would come of it.</param>
    /// <param name="Complete">All runs that were asked for were looked at.</param>
    public sealed record Result(
        bool Success, string RuleName, string RuleVersion, string? BaselineVersion, int Compared, int Same, IReadOnlyList<Item> Flipped, IReadOnlyList<Item> Unknown, bool Complete,
        DateTimeOffset Timestamp);

    /// <summary>A run; what stands in its output isn't told, for it may be another account's.</summary>
    public sealed record Item(
        Id<Workflow> WorkflowId, Id<Document>? DocumentId, string RanVersion, RunOutcome Before, RunOutcome? After, IReadOnlyList<string> ChangedOutputs, DecidingLine? DecidedBy, DecidingLine? UnknownStep);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).InclusiveBetween(1, MostRuns).WithErrorCode("invalid_limit").WithMessage($"limit is a number from 1 to {MostRuns}.");
    }

    public sealed class Handler(LaggingReads<OrchestrationDbContext> reads, RuleBook rules, RuleParser parser, Vocabulary vocabulary, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        private readonly OrchestrationDbContext _db = reads.Db;

        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var (rule, set) = SimulateRule.Resolve(query.RuleName, query.Source, rules, parser);
            var backtest = new Backtest(new RuleSimulator(vocabulary, set.Rules), query.BaselineVersion is { } version ? await BaselineAsync(rule, version, cancellationToken) : null);
            var runs = await RunsAsync(rule.Name, query, cancellationToken);
            var deadline = clock.GetUtcNow() + s_longest;
            var (same, flipped, unknown) = (0, new List<Item>(), new List<Item>());
            foreach (var id in runs)
            {
                if (clock.GetUtcNow() > deadline) break;
                var run = await _db.EndedRuns.AsNoTracking().SingleAsync(r => r.Id == id, cancellationToken);
                var result = await CompareAsync(backtest, rule.Name, run, cancellationToken);
                var item = new Item(run.Id, run.DocumentId, run.RuleVersion, result.Before, result.After, result.ChangedOutputs, result.DecidedBy, result.UnknownStep);
                if (result.Verdict == BacktestVerdict.Same) same++;
                else (result.Verdict == BacktestVerdict.Flipped ? flipped : unknown).Add(item);
            }

            var compared = same + flipped.Count + unknown.Count;
            return new Result(true, rule.Name, rule.Version, query.BaselineVersion, compared, same, flipped, unknown, compared == runs.Count, clock.GetUtcNow());
        }

        private async Task<BacktestResult> CompareAsync(Backtest backtest, string rule, RunRow run, CancellationToken cancellationToken)
        {
            var entries = await _db.Journal.AsNoTracking().Where(e => e.WorkflowId == run.Id && e.Kind != JournalKind.Operator).OrderBy(e => e.Sequence).ToListAsync(cancellationToken);
            var recorded = new RecordedRun(RunStateJson.Read(run.State), [.. entries.Select(JournalReading.AttemptOf)]);
            try
            {
                return await backtest.CompareAsync(rule, recorded, cancellationToken);
            }
            catch (TimeoutException e)
            {
                throw new DoxException(422, "simulation_too_long", $"{run.Id}: {e.Message}");
            }
        }

        private async Task<RuleSimulator> BaselineAsync(Rule rule, string version, CancellationToken cancellationToken)
        {
            var stored = await _db.RuleVersions.AsNoTracking().Where(v => v.Name == rule.Name && v.Version == version).OrderByDescending(v => v.Loaded).FirstOrDefaultAsync(cancellationToken)
                ?? throw new DoxException(404, "version_not_found", $"{rule.Name} {version} was never in force here. GET /api/v1/rules/{rule.Name}/versions lists those that were.");
            return new RuleSimulator(vocabulary, SimulateRule.Resolve(null, stored.Source, rules, parser).Rules.Rules);
        }

        private async Task<List<Id<Workflow>>> RunsAsync(string rule, Query query, CancellationToken cancellationToken)
        {
            var runs = _db.EndedRuns.AsNoTracking().Where(r => r.RuleName == rule);
            if (query.From is { } from) runs = runs.Where(r => r.StartedAt >= from);
            if (query.To is { } to) runs = runs.Where(r => r.StartedAt < to);
            return await runs.OrderByDescending(r => r.Id).Take(query.Limit ?? DefaultRuns).Select(r => r.Id).ToListAsync(cancellationToken);
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/rules/backtest", async (Query body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(body, cancellationToken)))
            .WithSummary("What ended runs of a rule would have come to under another version of it.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
}
