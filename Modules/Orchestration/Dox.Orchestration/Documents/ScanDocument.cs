using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.Validation.Contracts;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Documents;

/// <summary>What the scanner says now of a document that was let in. A file is sent to the same address as it is; a path on the server isn't taken.</summary>
internal static class ScanDocument
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Command(Id<Document> Id) : ICommand<Result>;

    public sealed record Result(SubmittedFile File, StepResult Step);

    /// <param name="DocumentId">Of a document that the caller sees.</param>
    internal sealed record Body(string? DocumentId = null);

    public sealed class Handler(OrchestrationDbContext db, CallContext call, IMediator mediator) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var document = await db.FindVisibleAsync(command.Id, call.Caller, cancellationToken);
            if (document.IsWithdrawn) throw DoxException.Conflict("document_quarantined", "A virus was found in this document before: its content is in quarantine.");
            var file = new SubmittedFile(document.Id, document.Sha256, document.Length, document.MediaType, document.FileName);
            return new(file, await mediator.Send(new ScanForViruses(file), cancellationToken));
        }
    }

    // Described where files are sent to it: one address, two kinds of bodies
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/validate/scan", PostAsync).Accepts<Body>("application/json").ExcludeFromDescription();

    private static async Task PostAsync(Body body, HttpContext http, IMediator mediator, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!Id<Document>.TryParse(body.DocumentId, null, out var id))
            throw DoxException.Invalid("file_missing", "There is no file. Send one as multipart/form-data or as the body, or {\"document_id\": \"doc_…\"} for a document that is here.");
        var (file, step) = await mediator.Send(new Command(id), cancellationToken);
        var (said, now) = (step.VirusScan!, clock.GetUtcNow());
        var scan = new
        {
            said.ScanResult,
            said.ScanTime,
            said.Scanner,
            said.SignatureVersion,
            FileHash = $"sha256:{file.Sha256}",
            FileSize = file.Length,
            said.ThreatName,
            Timestamp = now,
        };
        if (step.Passed)
        {
            await TypedResults.Json(new { Success = true, ScanResult = scan, Timestamp = now }, SharedKernel.DoxJson.Options).ExecuteAsync(http);
            return;
        }

        var problem = ProblemShape.Of(new DoxException(step.HttpStatus, step.Findings[0].Code, step.Findings[0].Message, step.Findings));
        problem.Extensions["success"] = false;
        problem.Extensions["scan_result"] = scan;
        await ProblemShape.WriteAsync(http, problem);
    }
}
