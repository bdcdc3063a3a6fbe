using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Documents;

/// <summary>A document as others see it.</summary>
internal sealed record DocumentView(
    Id<Document> DocumentId, string Status, string FileName, string MediaType, long FileSize, string FileHash, string AccountId, string SubmittedBy,
    Id<Workflow> WorkflowId, JsonNode? Metadata, JsonNode? ValidationResult, string? TemplateId, double? Confidence, JsonNode? Fields, string? Reason,
    DateTimeOffset CreatedAt)
{
    public static DocumentView Of(DocumentRecord document, RunRow? run) => new(
        document.Id, StatusOf(run), document.FileName, document.MediaType, document.Length, $"sha256:{document.Sha256}",
        document.AssociatedAccount ?? document.Account, document.SubmittedBy, document.WorkflowId, JsonNode.Parse(document.Metadata),
        JsonNode.Parse(document.Validation), document.TemplateId, document.Confidence, document.Fields is null ? null : JsonNode.Parse(document.Fields),
        run?.Error, document.Created);

    /// <summary>In a submitter's words: <c>processing</c>, <c>in_review</c>, <c>completed</c>, <c>failed</c>, <c>escalated</c>, <c>cancelled</c>.</summary>
    public static string StatusOf(RunRow? run) => run?.Status switch
    {
        RunStatus.WaitingForHuman => "in_review",
        RunStatus.Success => "completed",
        RunStatus.Failed or RunStatus.Escalated or RunStatus.Cancelled => JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Status.ToString()),
        _ => "processing",
    };
}
