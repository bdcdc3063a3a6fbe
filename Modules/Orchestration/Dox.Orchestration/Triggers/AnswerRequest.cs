using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Documents;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Workflows;
using Dox.SharedKernel;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.Workflows.Rules;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Triggers;

/// <summary>
/// Answers a request that a rule's trigger names. An embedded rule answers with its outcome; a durable one at its first checkpoint: with the run
/// as it stands there, or with what it was refused for. A form with a file is a document, and answered as an upload.
/// </summary>
internal static class AnswerRequest
{
    private const int LongestBody = 1024 * 1024;

    public static async Task HandleAsync(HttpContext http, string rule)
    {
        var (request, services) = (http.Request, http.RequestServices);
        services.GetRequiredService<CallContext>().Module = OrchestrationModule.ModuleName;
        services.GetRequiredService<QueueLag>().Demand();
        if (request.HasFormContentType)
        {
            var upload = await UploadDocument.AnswerAsync(http, rule);
            await upload.ExecuteAsync(http);
            return;
        }

        var mediator = services.GetRequiredService<IMediator>();
        var started = await mediator.Send(
            new StartWorkflow.Command(rule, await ContextAsync(request, http.RequestAborted))
            {
                IdempotencyKey = request.Headers["Idempotency-Key"].FirstOrDefault(),
                Trigger = RuleTriggerType.ApiRequest,
                TriggeredBy = $"{request.Method} {request.Path}",
                UntilCheckpoint = true,
            },
            http.RequestAborted);
        if (started.StepResults is not null)
        {
            await Results.Ok(started).ExecuteAsync(http);
            return;
        }

        var run = await mediator.Send(new GetWorkflow.Query(started.WorkflowId), http.RequestAborted);
        if (run is { Status: "failed" }) throw Refusal(run);
        http.Response.Headers.Location = $"/api/v1/workflows/{run.WorkflowId}";
        await Results.Json(run, DoxJson.Options, statusCode: run.Completed ? StatusCodes.Status200OK : StatusCodes.Status202Accepted).ExecuteAsync(http);
    }

    /// <summary>What the run is given: the body's keys, then the query's, then those of the path; the later wins.</summary>
    private static async Task<JsonObject> ContextAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var context = await BodyAsync(request, cancellationToken);
        foreach (var (name, values) in request.Query) context[name] = values.Count == 1 ? values[0] : new JsonArray([.. values.Select(value => (JsonNode?)value)]);
        foreach (var (name, value) in request.RouteValues) context[name] = value?.ToString();
        return context;
    }

    private static async Task<JsonObject> BodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = await BoundedBody.ReadAsync(
            request, LongestBody, () => new DoxException(413, "request_too_large", $"The body of a request that starts a rule has at most {LongestBody:N0} bytes."), cancellationToken);
        if (body.Length == 0) return [];
        if (!request.HasJsonContentType())
            throw new DoxException(415, "unsupported_media_type", "Send a JSON object with Content-Type: application/json, or a form with the part 'file' for a document.");
        // A name that stands twice would be one thing for whoever looks before us, and another for the run
        return JsonNode.Parse(body.Span, documentOptions: new JsonDocumentOptions { MaxDepth = DoxJson.Options.MaxDepth, AllowDuplicateProperties = false }) as JsonObject
            ?? throw DoxException.Invalid("body_not_an_object", "The body must be a JSON object: its keys are the names that the rule's expressions read.");
    }

    private static DoxException Refusal(WorkflowView run)
    {
        var error = run.Error;
        return new((int?)error?["http_status"] ?? 422, (string?)error?["code"] ?? "run_failed", (string?)error?["message"] ?? $"The run {run.WorkflowId} failed.")
        {
            Details = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["rule"] = run.RuleName,
                ["step"] = (string?)error?["step"] ?? "",
                ["workflow_id"] = run.WorkflowId.ToString(),
            },
        };
    }
}
