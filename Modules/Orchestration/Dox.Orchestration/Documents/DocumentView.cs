using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Documents;

/// <summary>A document as others see it.</summary>
internal sealed record DocumentView(
    Id<Document> DocumentId, string Status, string FileName, string MediaType, long FileSize, string FileHash, string AccountId, string SubmittedBy,
    Id<Workflow> WorkflowId, JsonNode? Metadata, JsonNode? ValidationResult, string? TemplateId, double? Confidence, JsonNode? Fields, string? Reason,
    DateTimeOffset CreatedAt, DocumentScan Scan, Id<Document>? Replaces, bool Superseded, DateTimeOffset? HeldSince)
{
    public static DocumentView Of(DocumentRecord document, RunRow? run) => new(
        document.Id, StatusOf(document, run), document.FileName, document.MediaType, document.Length, $"sha256:{document.Sha256}",
        document.AssociatedAccount ?? document.Account, document.SubmittedBy, document.WorkflowId, JsonNode.Parse(document.Metadata),
        JsonNode.Parse(document.Validation), document.TemplateId, document.Confidence, document.Fields is null ? null : JsonNode.Parse(document.Fields),
        run?.Error, document.Created, DocumentScan.Of(document), document.Replaces, document.Superseded is not null, document.HeldSince);

    /// <summary>In a submitter's words: <c>processing</c>, <c>in_review</c>, <c>completed</c>, <c>failed</c>, <c>escalated</c>, <c>cancelled</c>; <c>quarantined</c> where a threat was found later, <c>expired</c> where retention took its run.</summary>
    public static string StatusOf(DocumentRecord document, RunRow? run) => document.IsWithdrawn ? "quarantined" : run?.Status switch
    {
        null => "expired",
        RunStatus.WaitingForHuman => "in_review",
        RunStatus.Success => "completed",
        RunStatus.Failed or RunStatus.Escalated or RunStatus.Cancelled => JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Status.ToString()),
        _ => "processing",
    };
}

/// <summary>What is known of viruses in a document: as it came in, or as it was found out since.</summary>
/// <param name="Status"><c>clean</c>, <c>not_scanned</c>, <c>awaiting_scan</c>, <c>unscannable</c>, <c>quarantined</c>, <c>released</c>, <c>deleted</c>.</param>
/// <param name="VirusScanResult">What the scanner said.</param>
/// <param name="At">UTC.</param>
internal sealed record DocumentScan(string Status, JsonNode? VirusScanResult, DateTimeOffset At)
{
    public static DocumentScan Of(DocumentRecord document)
    {
        if (document is { LaterVerdict: { } verdict, LaterScan: { } later }) return new(verdict, JsonNode.Parse(later), document.Judged ?? document.Created);
        var validation = JsonNode.Parse(document.Validation);
        var scan = (validation as JsonObject)?["steps"]?["virus_scan"] as JsonObject;
        var result = scan?["virus_scan"]?.DeepClone();
        var waits = scan is not null && (bool?)scan["passed"] == false;
        return new(waits && document.Stored is null ? "awaiting_scan" : waits ? "clean" : (string?)result?["scan_result"] ?? "not_scanned", result, document.Created);
    }
}
