using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.StoredResults;

/// <summary>What rules stored in a table, newest first.</summary>
internal static class ListResults
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator, Role.Author)]
    public sealed record Query(string Table, int? Limit = null, string? Cursor = null, string? Key = null, Id<Document>? DocumentId = null) : IQuery<Result>;

    public sealed record Result(bool Success, string Table, IReadOnlyList<Row> Results, int Count, string? NextCursor, DateTimeOffset Timestamp);

    /// <param name="Source">The run that stored it.</param>
    public sealed record Row(Guid ResultId, string Key, JsonNode? Data, string Source, Id<Document>? DocumentId, string RuleName, string AccountId, DateTimeOffset Created);

    public sealed class Handler(LaggingReads<OrchestrationDbContext> reads, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        private readonly OrchestrationDbContext _db = reads.Db;

        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var size = Page.Size(query.Limit);
            var rows = _db.Results.AsNoTracking().Where(r => r.TableName == query.Table);
            if (!call.Caller.SeesAllAccounts)
            {
                var account = call.Caller.Account;
                rows = rows.Where(r => r.Account == account);
            }

            if (query.Key is { } key) rows = rows.Where(r => r.Key == key);
            if (query.DocumentId is { } document) rows = rows.Where(r => r.DocumentId == document);
            if (Page.Read(query.Cursor) is { } behind)
            {
                if (!Guid.TryParse(behind, out var last)) throw Page.InvalidCursor();
                rows = rows.Where(r => r.Id < last);
            }

            var page = await rows.OrderByDescending(r => r.Id).Take(size + 1).ToListAsync(cancellationToken);
            var next = page.Count > size ? Page.Behind(page[size - 1].Id.ToString()) : null;
            return new(true, query.Table, [.. page.Take(size).Select(RowOf)], Math.Min(size, page.Count), next, clock.GetUtcNow());
        }

        private static Row RowOf(StoredResult r) => new(r.Id, r.Key, JsonNode.Parse(r.Data), r.Source, r.DocumentId, r.RuleName, r.Account, r.Created);
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/results/{table}", async (string table, int? limit, string? cursor, string? key, Id<Document>? document_id, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(table, limit, cursor, key, document_id), cancellationToken)))
            .WithSummary("What rules stored with store_result, newest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
}
