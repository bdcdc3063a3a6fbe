using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

/// <summary>Documents, newest first.</summary>
internal static class ListDocuments
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(int? Limit = null, string? Cursor = null, string? Account = null, string? TemplateId = null, string? FileName = null)
        : IQuery<Result>;

    public sealed record Result(bool Success, IReadOnlyList<DocumentView> Documents, int Count, string? NextCursor, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var size = Page.Size(query.Limit);
            var documents = db.Documents.AsNoTracking().VisibleTo(call.Caller);
            if (query.Account is { } account) documents = documents.Where(d => d.Account == account || d.AssociatedAccount == account);
            if (query.TemplateId is { } template) documents = documents.Where(d => d.TemplateId == template);
            if (query.FileName is { } name) documents = documents.Where(d => d.FileName.Contains(name));
            if (Page.Read(query.Cursor) is { } behind)
            {
                if (!Id<Document>.TryParse(behind, null, out var last)) throw Page.InvalidCursor();
                documents = documents.Where(d => d.Id < last);
            }

            var rows = await documents.OrderByDescending(d => d.Id).Take(size + 1).ToListAsync(cancellationToken);
            var page = rows.Take(size).ToList();
            var runs = await db.FindRunsAsync([.. page.Select(d => d.WorkflowId)], cancellationToken);
            return new(
                true, [.. page.Select(d => DocumentView.Of(d, runs.GetValueOrDefault(d.WorkflowId)))], page.Count,
                rows.Count > size ? Page.Behind(page[^1].Id.ToString()) : null, clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet(
                "/documents",
                async (
                    int? limit, string? cursor, [FromQuery(Name = "account_id")] string? account, [FromQuery(Name = "template_id")] string? template,
                    [FromQuery(Name = "file_name")] string? fileName, IMediator mediator, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await mediator.Send(new Query(limit, cursor, account, template, fileName), cancellationToken)))
            .WithSummary("Documents, newest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
}
