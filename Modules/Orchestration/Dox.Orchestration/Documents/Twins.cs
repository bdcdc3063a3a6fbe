using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Errors;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

/// <summary>The document of the same account that has the same content, and how it stands.</summary>
/// <param name="Document">The document.</param>
/// <param name="Status">See <see cref="DocumentView.StatusOf"/>.</param>
/// <param name="IsReused">Whether the sender gets it for an answer; else a new document takes its place.</param>
internal sealed record Twin(DocumentRecord Document, string Status, bool IsReused);

/// <summary>
/// What becomes of content that is sent again. A rule says so in its configuration, as <c>duplicates</c>: <c>reuse</c> answers with the document
/// that is there, <c>reject</c> refuses, <c>new_version</c> makes a new document that takes the old one's place. One that came to nothing stands in
/// nobody's way: who sends it again wants it done, not to hear how it failed.
/// </summary>
internal static class Twins
{
    private const string Setting = "duplicates";

    /// <exception cref="DoxException">409 <c>duplicate_document</c>, where the rule has it so.</exception>
    public static async Task<Twin?> FindTwinAsync(this OrchestrationDbContext db, string account, string sha256, Rule rule, CancellationToken cancellationToken)
    {
        var document = await db.Documents.AsNoTracking().SingleOrDefaultAsync(d => d.Account == account && d.Sha256 == sha256 && d.Superseded == null, cancellationToken);
        if (document is null) return null;
        var run = await db.FindRunAsync(document.WorkflowId, cancellationToken);
        var status = DocumentView.StatusOf(document, run);
        if (document.IsWithdrawn || run?.Status is RunStatus.Failed or RunStatus.Cancelled) return new(document, status, IsReused: false);
        return PolicyOf(rule) switch
        {
            "new_version" => new(document, status, IsReused: false),
            "reject" => throw new DoxException(
                409, "duplicate_document", $"This content was sent before, as {document.Id}, and is {status}. Look at that document; sending it again changes nothing.",
                [new Finding("duplicate", "duplicate_document", "The same content is here already.", Evidence: document.Id.ToString())])
            {
                Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["document_id"] = document.Id.ToString(), ["document_status"] = status },
            },
            _ => new(document, status, IsReused: true),
        };
    }

    private static string PolicyOf(Rule rule) => (string?)rule.Configuration[Setting] ?? "reuse";
}
