using System.Globalization;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Audit;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Contracts;
using Dox.Validation.Contracts;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Audit;

/// <summary>Who changed what, over all modules that keep an audit, newest first. Each module's entries stay in their chain's order.</summary>
internal static class ListAudit
{
    [Requires(Role.Operator)]
    public sealed record Query : IQuery<Result>
    {
        public int? Limit { get; init; }

        public string? Cursor { get; init; }

        /// <summary>Who did it.</summary>
        public string? Actor { get; init; }

        /// <summary>What was done, for example <c>workflow.cancel</c>.</summary>
        public string? Action { get; init; }

        /// <summary>The id of what was changed.</summary>
        public string? Subject { get; init; }

        /// <summary>Who owns what was changed.</summary>
        public string? Account { get; init; }

        /// <summary>Not before then.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Before then.</summary>
        public DateTimeOffset? To { get; init; }
    }

    /// <param name="Success">Always true.</param>
    /// <param name="Entries">The newest first.</param>
    /// <param name="Count">Of this page.</param>
    /// <param name="NextCursor">For the next page; null on the last.</param>
    /// <param name="Unavailable">Modules that can't be asked now: their entries are missing here.</param>
    /// <param name="Timestamp">UTC.</param>
    public sealed record Result(bool Success, IReadOnlyList<Entry> Entries, int Count, string? NextCursor, IReadOnlyList<string> Unavailable, DateTimeOffset Timestamp);

    /// <summary>An entry, with the module whose it is: each has a chain of its own.</summary>
    public sealed record Entry(
        string Module, long Sequence, DateTimeOffset At, string Actor, IReadOnlyList<string> ActorRoles, string Account, string Action, string Subject, string? Reason,
        string? FromState, string? ToState, System.Text.Json.JsonElement? Details, string? TraceId, string Hash)
    {
        public static Entry Of(string module, AuditLine line) => new(
            module, line.Sequence, line.At, line.Actor, line.ActorRoles, line.Account, line.Action, line.Subject, line.Reason, line.FromState, line.ToState, line.Details,
            line.TraceId, line.Hash);
    }

    public sealed class Handler(OrchestrationDbContext db, IMediator mediator, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var size = Page.Size(query.Limit);
            var behind = Positions(query.Cursor);
            var (waiting, unavailable) = (new Dictionary<string, Queue<AuditLine>>(StringComparer.Ordinal), new List<string>());
            foreach (var (module, ask) in Sources())
            {
                var filter = new AuditFilter(
                    size + 1, behind.TryGetValue(module, out var before) ? before : null, query.Actor, query.Action, query.Subject, query.Account, query.From, query.To);
                try
                {
                    waiting[module] = new((await ask(filter, cancellationToken)).Entries);
                    // One that has nothing now isn't to begin with what is written while somebody turns the pages
                    behind.TryAdd(module, waiting[module].TryPeek(out var newest) ? newest.Sequence + 1 : 1);
                }
                catch (DoxException e) when (e.Status == 503)
                {
                    unavailable.Add(module);
                }
            }

            var page = new List<Entry>();
            while (page.Count < size && Newest(waiting) is { } module)
            {
                var line = waiting[module].Dequeue();
                behind[module] = line.Sequence;
                page.Add(Entry.Of(module, line));
            }

            var next = waiting.Values.Any(w => w.Count > 0) ? Page.Behind(string.Join(';', behind.Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Key}={b.Value}")))) : null;
            return new(true, page, page.Count, next, unavailable, clock.GetUtcNow());
        }

        private IEnumerable<(string Module, Func<AuditFilter, CancellationToken, Task<AuditPage>> Ask)> Sources() =>
        [
            ("Orchestration", db.ReadAsync),
            ("TemplateMatching", (filter, cancellation) => mediator.Send(new ListTemplateAudit(filter), cancellation)),
            ("Validation", (filter, cancellation) => mediator.Send(new ListValidationAudit(filter), cancellation)),
        ];

        private static string? Newest(Dictionary<string, Queue<AuditLine>> waiting) =>
            waiting.Where(w => w.Value.Count > 0).OrderByDescending(w => w.Value.Peek().At).ThenBy(w => w.Key, StringComparer.Ordinal).Select(w => w.Key).FirstOrDefault();

        // How far each module's chain was told
        private static SortedDictionary<string, long> Positions(string? cursor)
        {
            var positions = new SortedDictionary<string, long>(StringComparer.Ordinal);
            foreach (var part in Page.Read(cursor)?.Split(';') ?? [])
            {
                if (part.Split('=') is not [{ Length: > 0 } module, var text] || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
                    throw Page.InvalidCursor();
                positions[module] = position;
            }

            return positions;
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/audit", async ([AsParameters] Query query, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(query, cancellationToken)))
            .WithSummary("Who changed what, newest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden);
}
