using Dox.SharedKernel.Access;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Templates;
using Dox.TemplateMatching.Unknown;

namespace Dox.TemplateMatching.Teaching;

/// <summary>Records what a person says a document is, and teaches it.</summary>
internal sealed class Declarations(TemplateMatchingDbContext db, TemplateCatalog catalog, Teacher teacher, UnknownDocuments unknown)
{
    /// <summary>The template that recognition proposed, whatever was decided since; null where it proposed none.</summary>
    public static string? ProposedBy(RecognitionRecord record) =>
        record.Decision is RecognitionDecision.Unknown or RecognitionDecision.NeedsOcr or RecognitionDecision.NeedsPassword || record.Candidates.Count == 0 ? null : record.Candidates[0].TemplateId;

    /// <summary>What the decision teaches: the right template has an example, the wrong one a counterexample.</summary>
    public static IReadOnlyDictionary<string, bool> LessonsOf(string? proposed, string? decided)
    {
        var lessons = new Dictionary<string, bool>(StringComparer.Ordinal);
        if (proposed is not null) lessons[proposed] = false;
        if (decided is not null) lessons[decided] = true;
        return lessons;
    }

    /// <summary>Records it.</summary>
    /// <param name="recognition">Tracked.</param>
    /// <param name="templateId">What it is; null: none of the templates, or nobody says.</param>
    /// <param name="by">Who says so.</param>
    /// <param name="teaches">Whether it says what the document is; a document that was refused for other reasons says nothing.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RecordAsync(StoredRecognition recognition, string? templateId, Caller by, bool teaches, CancellationToken cancellationToken)
    {
        var record = recognition.Read();
        var words = teaches ? await teacher.ReadAsync(recognition.Document, cancellationToken) : null;
        await using var write = await db.BeginWriteAsync(cancellationToken);
        recognition.DecidedBy = by.User;
        recognition.Write(record with { TemplateMatched = Declared(templateId, record) });
        await db.SaveChangesAsync(cancellationToken);
        if (templateId is not null) await unknown.ForgetAsync(recognition.DocumentId, cancellationToken);
        if (words is not null)
            await teacher.TeachAsync(recognition.Document, words, LessonsOf(ProposedBy(record), templateId), by, $"{by.User} decided {recognition.DocumentId}", cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    // What a person says stands, also of a template that was withdrawn meanwhile. The score stays the machine's: 0 for one that it didn't weigh.
    private TemplateMatch? Declared(string? templateId, RecognitionRecord record)
    {
        if (templateId is null) return record.TemplateMatched is { } proposed ? proposed with { ApprovalType = ApprovalType.Rejected } : null;
        var score = record.Candidates.FirstOrDefault(c => c.TemplateId == templateId)?.Score ?? 0;
        var name = catalog.Current.Find(templateId)?.Name ?? templateId;
        return new(templateId, name, score, ApprovalType.HumanApproved);
    }
}
