using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.Workflows.Rules;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Rules;

/// <summary>Puts a rule's next version in force, on every replica. Runs that have begun go on with the version that they began with.</summary>
internal static class PublishRule
{
    private const int LongestReason = AuditRecord.LongestReason;

    [Requires(Role.Author)]
    public sealed record Command(string Name, string Source, string? Reason) : ICommand<Result>;

    /// <param name="Duplicate">This very text was published before; nothing changed.</param>
    /// <param name="Warnings">What the linter says of it; nothing of it keeps the rule from loading.</param>
    public sealed record Result(bool Success, string Name, string Version, string Hash, string? Replaces, bool Duplicate, IReadOnlyList<Diagnostic> Warnings, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, RuleParser parser, RuleBook rules, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var parsed = ValidateRule.Beside(rules.Loaded, parser.Parse(command.Source, $"{command.Name}.yaml"), parser);
            if (parsed.Rule is not { } rule) throw new DoxException(422, "rule_invalid", $"The rule can't be loaded: {parsed.Errors.First()}", RuleText.Findings(parsed.Diagnostics));
            if (rule.Name != command.Name) throw new DoxException(422, "rule_name_differs", $"The rule is called '{rule.Name}', and the path says '{command.Name}'.");
            if (command.Reason?.Length > LongestReason) throw DoxException.Invalid("reason_too_long", $"The reason has at most {LongestReason} characters.");

            var now = clock.GetUtcNow();
            string? replaces;
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                var stored = await db.RuleVersions.Where(v => v.Name == rule.Name).ToListAsync(cancellationToken);
                var same = stored.Find(v => v.Hash == rule.Hash);
                if (same is { Published: not null }) return Of(rule, same.Version, duplicate: true, parsed, now);
                replaces = Highest(rules.Find(rule.Name)?.Version, stored.Where(v => v.Published is not null).Select(v => v.Version));
                if (replaces is not null && RuleSet.VersionOrder.Compare(rule.Version, replaces) <= 0 && rules.Find(rule.Name)?.Hash != rule.Hash)
                {
                    throw new DoxException(409, "version_not_higher", $"{rule.Name} {replaces} is in force; what takes its place has a higher version than {rule.Version}.")
                    {
                        Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["current_version"] = replaces },
                    };
                }

                if (same is null) db.RuleVersions.Add(same = RuleVersion.Of(rule, now));
                (same.Published, same.PublishedBy) = (now, call.Caller.User);
                await db.SaveChangesAsync(cancellationToken);
                await db.NoteAsync(
                    new AuditRecord(call.Caller, call.Caller.Account, "rule.publish", rule.Name, command.Reason, replaces, rule.Version, new JsonObject { ["hash"] = rule.Hash }),
                    clock, cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            // The other replicas find it when they look next
            await rules.ReloadAsync(cancellationToken);
            return Of(rule, replaces, duplicate: false, parsed, now);
        }

        private static Result Of(Rule rule, string? replaces, bool duplicate, RuleParseResult parsed, DateTimeOffset now) =>
            new(true, rule.Name, rule.Version, rule.Hash, replaces, duplicate, parsed.Diagnostics, now);

        private static string? Highest(string? loaded, IEnumerable<string> published) => published.Append(loaded).OfType<string>().Max(RuleSet.VersionOrder);
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPut("/rules/{name}", async (string name, string? reason, HttpRequest request, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(name, await RuleText.ReadAsync(request, cancellationToken), reason), cancellationToken)))
            .WithSummary("Put a rule's next version in force, on every replica.")
            .Accepts<string>("application/yaml", "text/plain", "application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
}
