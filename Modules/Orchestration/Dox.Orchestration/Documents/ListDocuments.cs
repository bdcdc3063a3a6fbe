using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

/// <summary>Documents, newest first.</summary>
internal static class ListDocuments
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(int? Limit = null, string? Cursor = null, string? Account = null, string? TemplateId = null, string? FileName = null) : IQuery<Result>
    {
        /// <summary>Words that begin words of the document's name, metadata or fields: all of them.</summary>
        public string? Words { get; init; }

        /// <summary>Came then or later.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Came before then.</summary>
        public DateTimeOffset? To { get; init; }

        /// <summary>In a submitter's words; see <see cref="DocumentView.StatusOf"/>.</summary>
        public string? Status { get; init; }

        /// <summary>Of the run that it came in with.</summary>
        public string? Rule { get; init; }

        /// <summary>The rule's owner.</summary>
        public string? Service { get; init; }

        /// <summary>How many are passed over.</summary>
        public int? Offset { get; init; }

        /// <summary>Whether to say how many there are.</summary>
        public bool Count { get; init; }
    }

    /// <param name="Count">Of this page.</param>
    /// <param name="Total">How many there are, where that was asked for; 10,000 stands for that many or more.</param>
    public sealed record Result(bool Success, IReadOnlyList<DocumentView> Documents, int Count, string? NextCursor, int? Total, DateTimeOffset Timestamp);

    public sealed class Handler(LaggingReads<OrchestrationDbContext> reads, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        private readonly OrchestrationDbContext _db = reads.Db;

        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var (size, offset) = (Page.Size(query.Limit), Page.Offset(query.Offset, query.Cursor));
            Page.Period(query.From, query.To);
            var documents = Filter(query);
            var total = query.Count ? await documents.Take(Page.MostCounted).CountAsync(cancellationToken) : (int?)null;
            if (Page.Read(query.Cursor) is { } behind)
            {
                if (!Id<Document>.TryParse(behind, null, out var last)) throw Page.InvalidCursor();
                documents = documents.Where(d => d.Id < last);
            }

            var rows = await documents.OrderByDescending(d => d.Id).Skip(offset).Take(size + 1).ToListAsync(cancellationToken);
            var page = rows.Take(size).ToList();
            var runs = await _db.FindRunsAsync([.. page.Select(d => d.WorkflowId)], cancellationToken);
            return new(
                true, [.. page.Select(d => DocumentView.Of(d, runs.GetValueOrDefault(d.WorkflowId)))], page.Count,
                rows.Count > size ? Page.Behind(page[^1].Id.ToString()) : null, total, clock.GetUtcNow());
        }

        private IQueryable<DocumentRecord> Filter(Query query)
        {
            var documents = (query.Words is { } words ? DocumentWords.Having(_db, words) : _db.Documents).AsNoTracking().VisibleTo(call.Caller);
            if (query.Account is { } account) documents = documents.Where(d => d.Account == account || d.AssociatedAccount == account);
            if (query.TemplateId is { } template) documents = documents.Where(d => d.TemplateId == template);
            if (query.FileName is { } name) documents = documents.Where(d => d.FileName.Contains(name));
            if (query.From?.ToUniversalTime() is { } from) documents = documents.Where(d => d.Created >= from);
            if (query.To?.ToUniversalTime() is { } to) documents = documents.Where(d => d.Created < to);
            if (query.Status is { } status) documents = DocumentStatuses.Having(documents, _db, status);
            if (query.Rule is { } rule)
                documents = documents.Where(d => _db.OpenRuns.Any(r => r.Id == d.WorkflowId && r.RuleName == rule) || _db.EndedRuns.Any(r => r.Id == d.WorkflowId && r.RuleName == rule));
            if (query.Service is { } service)
                documents = documents.Where(d => _db.OpenRuns.Any(r => r.Id == d.WorkflowId && r.Service == service) || _db.EndedRuns.Any(r => r.Id == d.WorkflowId && r.Service == service));
            return documents;
        }
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/documents", GetAsync)
            .WithSummary("Documents, newest first.")
            .WithDescription("query is words of a document's name, metadata or fields, or their beginnings: all must be there. from and to bound when they came (to is left out); status is a document's, as the list shows it. A page begins behind cursor, the next_cursor of the page before; or, for earlier clients, after offset documents (at most 10,000). count=true adds total, of which 10,000 means that many or more.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("/documents/search", (string? query, int? limit, string? cursor, int? offset, IMediator mediator, CancellationToken cancellationToken) =>
                GetAsync(limit, cursor, null, null, null, null, null, null, null, null, offset, null, query ?? "", mediator, cancellationToken))
            .WithSummary("Documents by their words, newest first, as earlier clients ask for them.")
            .WithDescription("GET /documents with query does the same, and takes filters beside it.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<Ok<Result>> GetAsync(
        int? limit, string? cursor, [FromQuery(Name = "account_id")] string? account, [FromQuery(Name = "template_id")] string? template,
        [FromQuery(Name = "file_name")] string? fileName, DateTimeOffset? from, DateTimeOffset? to, string? status, string? rule, string? service, int? offset, bool? count, string? query,
        IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(
            new Query(limit, cursor, account, template, fileName)
            {
                Words = query,
                From = from,
                To = to,
                Status = status,
                Rule = rule,
                Service = service,
                Offset = offset,
                Count = count ?? false,
            },
            cancellationToken));
}
