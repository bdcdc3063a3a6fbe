using System.Text.Json;
using System.Text.Json.Serialization;
using Dox.SharedKernel.Ids;

namespace Dox.Orchestration.Documents;

/// <summary>The answer to an upload; the fields that earlier clients rely on, and ours.</summary>
internal sealed record AcceptedDocument(
    bool Success, Id<Document> DocumentId, string FileHash, Id<Workflow> WorkflowId, string StorageLocation, AcceptedValidation ValidationResult,
    NextSteps NextSteps, bool Duplicate, string DocumentStatus, Id<Document>? Replaces, DateTimeOffset Timestamp)
{
    /// <summary>Whether this upload made it, rather than an earlier one of the same content.</summary>
    [JsonIgnore]
    public bool IsNew => !Duplicate;

    /// <param name="document">The new one, or the one that is here already.</param>
    /// <param name="location">Of its content.</param>
    /// <param name="status">How it stands; see <see cref="DocumentView.StatusOf"/>.</param>
    /// <param name="isNew">Whether this upload made it.</param>
    public static AcceptedDocument Of(DocumentRecord document, string location, string status, bool isNew)
    {
        using var validation = JsonDocument.Parse(document.Validation);
        return new(
            true, document.Id, $"sha256:{document.Sha256}", document.WorkflowId, location, AcceptedValidation.Of(validation.RootElement),
            new NextSteps($"/api/v1/documents/{document.Id}/status", $"/api/v1/workflows/{document.WorkflowId}"), !isNew, status, document.Replaces, document.Created);
    }
}

/// <summary>How the upload fared in validation.</summary>
/// <param name="FinalStatus"><c>valid</c>, or <c>awaiting_scan</c> while the scanner is away and must look at it first.</param>
/// <param name="StepsCompleted">How many steps it passed.</param>
/// <param name="VirusScanResult">What the scanner said.</param>
/// <param name="Warnings">What is odd and doesn't matter.</param>
internal sealed record AcceptedValidation(string FinalStatus, int StepsCompleted, JsonElement? VirusScanResult, JsonElement? Warnings)
{
    public static AcceptedValidation Of(JsonElement validation) => new(
        Part(validation, "passed") is { ValueKind: JsonValueKind.False } ? "awaiting_scan" : "valid",
        Part(validation, "steps_completed") is { ValueKind: JsonValueKind.Array } steps ? steps.GetArrayLength() : 0,
        Part(validation, "steps", "virus_scan", "virus_scan"),
        Part(validation, "warnings"));

    private static JsonElement? Part(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        }

        return element.Clone();
    }
}

/// <summary>Where to look what becomes of it.</summary>
/// <param name="DocumentClassification">The document's status.</param>
/// <param name="FieldExtraction">The run, with its steps' results.</param>
internal sealed record NextSteps(string DocumentClassification, string FieldExtraction);
