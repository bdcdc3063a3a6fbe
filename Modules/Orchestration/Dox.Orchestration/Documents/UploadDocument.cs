using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Rules;
using Dox.Orchestration.Services;
using Dox.Orchestration.Triggers;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.SharedKernel.Messages;
using Dox.Validation.Contracts;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Documents;

/// <summary>Takes a document in: counts, hashes and stages its body, lets the rule's first part decide, and answers once document and run are kept.</summary>
internal static class UploadDocument
{
    private const string DefaultRule = "process_document_upload";

    [Requires(Role.Submitter)]
    public sealed record Command(Id<Document> Id, Upload Upload, JsonObject Metadata, string Rule, string? IdempotencyKey) : ICommand<AcceptedDocument>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.IdempotencyKey).MaximumLength(200).WithErrorCode("idempotency_key_too_long").WithMessage("An Idempotency-Key has at most 200 characters.");
        }
    }

    public sealed class Handler(
        OrchestrationDbContext db, RuleBook rules, RuleInterpreter interpreter, ServiceHealth health, RunCheckpoints checkpoints, RunStarts starts, CallContext call,
        IContentStore content, IOptions<EngineOptions> options, TimeProvider clock) : IRequestHandler<Command, AcceptedDocument>
    {
        public async Task<AcceptedDocument> Handle(Command command, CancellationToken cancellationToken)
        {
            var rule = rules.Find(command.Rule) is { Mode: RuleMode.Orchestrated } found
                ? found
                : throw DoxException.Invalid("unknown_rule", $"There is no rule '{command.Rule}' that documents can be sent to. GET /api/v1/rules lists the rules.");
            if (await KeyedAsync(command, cancellationToken) is { } keyed) return keyed;
            var twin = await TwinAsync(command, rule, cancellationToken);
            if (twin is { IsReused: true }) return Answer(twin);

            var file = FileOf(command);
            var input = new JsonObject
            {
                ["document"] = JsonSerializer.SerializeToNode(file, DoxJson.Options),
                ["metadata"] = command.Metadata.DeepClone(),
                ["account_id"] = call.Caller.Account,
                ["user_id"] = call.Caller.User,
            };
            var run = HeldRun.New(
                rule, Id<Workflow>.New(clock), call.Caller, command.Id, input, Activity.Current?.Id, clock.GetUtcNow(), options.Value.DefaultTeam);
            // The quota was looked at before the body was read
            StartConditions.Demand(rule, run.State, call.Caller, interpreter, health.AreReady);
            var intake = new Intake(checkpoints, rules, run, file, command.Metadata, command.IdempotencyKey, twin?.Document);
            // A sender that hangs up between the commit and the hand-over to the engine would leave a run that nobody works on.
            await interpreter.AdvanceAsync(rule, run.State, intake, CancellationToken.None);
            if (intake.Accepted is not { } document)
            {
                // Refused; or the same content, or the same key, came in twice at once, and the other one was first.
                if (await KeyedAsync(command, cancellationToken) is { } first) return first;
                if (await TwinAsync(command, rule, cancellationToken) is { } other && (other.IsReused || other.Document.Id != twin?.Document.Id)) return Answer(other);
                throw run.State.Error is { } error ? Refusal(error) : DoxException.Conflict("document_changed", "Another upload with this content or key was first, and is gone again. Send it once more.");
            }

            starts.GoOn(run);
            return AcceptedDocument.Of(document, content.LocationOf(document.Sha256), "processing", isNew: true);
        }

        private static SubmittedFile FileOf(Command command) =>
            new(command.Id, command.Upload.Content.Sha256, command.Upload.Content.Length, command.Upload.MediaType, command.Upload.SubmittedName, command.Upload.DeclaredMediaType);

        private async Task<AcceptedDocument?> KeyedAsync(Command command, CancellationToken cancellationToken)
        {
            var account = call.Caller.Account;
            if (command.IdempotencyKey is { } key
                && await db.StartKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Account == account && k.Key == key, cancellationToken) is { } start)
            {
                var first = await db.Documents.AsNoTracking().SingleOrDefaultAsync(d => d.WorkflowId == start.WorkflowId, cancellationToken);
                if (first?.Sha256 != command.Upload.Content.Sha256)
                    throw new DoxException(422, "idempotency_key_reused", "This Idempotency-Key was used for other content. Use a new key for each document.");
                first.DemandNotDeleted();
                var run = await db.FindRunAsync(first.WorkflowId, cancellationToken);
                return Answer(new Twin(first, DocumentView.StatusOf(first, run), IsReused: true));
            }

            return null;
        }

        private Task<Twin?> TwinAsync(Command command, Rule rule, CancellationToken cancellationToken) =>
            db.FindTwinAsync(call.Caller.Account, command.Upload.Content.Sha256, rule, cancellationToken);

        private AcceptedDocument Answer(Twin twin) => AcceptedDocument.Of(twin.Document, content.LocationOf(twin.Document.Sha256), twin.Status, isNew: false);

        private static DoxException Refusal(RunError error)
        {
            var findings = error.Details?["findings"] is JsonArray list ? list.Deserialize<List<Finding>>(DoxJson.Options) : null;
            var first = error.Details?["first_failed"];
            return new(error.HttpStatus ?? (error.Rejected ? 422 : 503), findings is [var finding, ..] ? finding.Code : error.Code, error.Message, findings)
            {
                RetryAfter = (double?)first?["rate_limit"]?["retry_after_seconds"] is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null,
                Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["final_status"] = (string?)first?["status"] ?? error.Code },
            };
        }
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        foreach (var route in new[] { "/documents", "/documents/upload" })
        {
            api.MapPost(route, HandleAsync)
                .WithSummary("Send a document.")
                .WithDescription("A multipart form with one part named file (and metadata as a JSON object, workflow), or the bytes as the body with a file name. Answers when the document was validated: 202, or what is wrong with it.")
                // Any type: a raw body has the file's own, and whether that is taken validation says.
                .Accepts<IFormFile>("multipart/form-data", "*/*")
                .Produces<AcceptedDocument>(StatusCodes.Status202Accepted)
                .ProducesProblem(StatusCodes.Status400BadRequest)
                .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
                .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
                .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
                .ProducesProblem(StatusCodes.Status429TooManyRequests)
                .WithMetadata(new RunsRule(DefaultRule))
                .DisableAntiforgery();
        }
    }

    private static Task<IResult> HandleAsync(HttpContext http, QueueLag lag)
    {
        lag.Demand();
        return AnswerAsync(http, rule: null);
    }

    /// <summary>Takes the request's document in and answers.</summary>
    /// <param name="http">Its body mustn't have been read.</param>
    /// <param name="rule">Whose route it came by; null: the field <c>workflow</c> says which, else the usual one.</param>
    public static async Task<IResult> AnswerAsync(HttpContext http, string? rule)
    {
        var (request, services, cancellationToken) = (http.Request, http.RequestServices, http.RequestAborted);
        var (mediator, content, clock) = (services.GetRequiredService<IMediator>(), services.GetRequiredService<IContentStore>(), services.GetRequiredService<TimeProvider>());
        var policy = await mediator.Send(new GetIntakePolicy(), cancellationToken);
        QuotaHeaders.Write(http.Response, policy.RateLimit);
        if (!policy.RateLimit.WithinLimit) throw QuotaHeaders.Exceeded(policy.RateLimit, clock.GetUtcNow());

        var id = Id<Document>.New(clock);
        AcceptedDocument accepted;
        try
        {
            var upload = await UploadReader.ReadAsync(request, content, id, policy.MaxFileSize, cancellationToken);
            accepted = await mediator.Send(
                new Command(id, upload, MetadataOf(upload), rule ?? upload.Fields.GetValueOrDefault("workflow", DefaultRule), request.Headers["Idempotency-Key"].FirstOrDefault()),
                cancellationToken);
        }
        catch (DoxException)
        {
            // Refused: nobody will ask for these bytes. After any other fault the document may have been kept, and they stay.
            await content.DiscardStagedAsync(id, CancellationToken.None);
            throw;
        }

        if (!accepted.IsNew) await content.DiscardStagedAsync(id, CancellationToken.None);
        http.Response.Headers.Location = $"/api/v1/documents/{accepted.DocumentId}";
        return TypedResults.Json(accepted, DoxJson.Options, statusCode: StatusCodes.Status202Accepted);
    }

    private static JsonObject MetadataOf(Upload upload)
    {
        if (!upload.Fields.TryGetValue("metadata", out var text) || string.IsNullOrWhiteSpace(text)) return [];
        try
        {
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 32 }) as JsonObject
                ?? throw DoxException.Invalid("metadata_not_an_object", "The field 'metadata' must hold a JSON object, for example {\"customer\": \"4711\"}.");
        }
        catch (JsonException e)
        {
            throw DoxException.Invalid("metadata_not_json", $"The field 'metadata' isn't JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine}.");
        }
    }
}
