using Dox.DocumentReading;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Recognitions;
using Dox.TemplateMatching.Templates;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Teaching;

/// <summary>Teaches templates what people decided, and takes it back.</summary>
internal sealed class Teacher(TemplateMatchingDbContext db, DocumentTexts texts, TemplateCatalog catalog, TimeProvider clock)
{
    /// <summary>What the document looks like; null where there is nothing to learn from: a picture, a locked file, content that is gone.</summary>
    public async Task<DocumentWords?> ReadAsync(DocumentRef document, CancellationToken cancellationToken)
    {
        try
        {
            var text = await texts.ReadAsync(document, cancellationToken);
            return text is { Outcome: ReadingOutcome.Ok, HasText: true } ? DocumentWords.Of(text) : null;
        }
        catch (DoxException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>
    /// Makes the lessons of a document these and no others, in the write that is open: each template that learns something, or unlearns it, has a new
    /// version. Done twice it is done once.
    /// </summary>
    /// <param name="document">What was decided.</param>
    /// <param name="words">What it looks like.</param>
    /// <param name="lessons">By template: whether it is an instance.</param>
    /// <param name="by">Who decided.</param>
    /// <param name="reason">For the version and the audit.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The versions that came of it, by template.</returns>
    public async Task<IReadOnlyDictionary<string, int>> TeachAsync(
        DocumentRef document, DocumentWords words, IReadOnlyDictionary<string, bool> lessons, Caller by, string reason, CancellationToken cancellationToken)
    {
        var known = (await db.Lessons.Where(l => l.DocumentId == document.Id).ToListAsync(cancellationToken)).ToDictionary(l => l.TemplateId, StringComparer.Ordinal);
        var made = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var id in known.Keys.Union(lessons.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var lesson = known.GetValueOrDefault(id);
            bool? had = lesson is { UndoneRevision: null } ? lesson.IsExample : null;
            bool? wanted = lessons.TryGetValue(id, out var isExample) ? isExample : null;
            if (had == wanted || await KnowledgeOfAsync(id, cancellationToken) is not { } current) continue;

            Learn(current.Knowledge, words, had, wanted);
            var version = await db.AddAsync(
                new TemplateChange(id, TemplateOrigin.Taught, await SourceOfAsync(id, current.Knowledge, cancellationToken), current.Knowledge.ToJson(), current.Base, Reason: reason), by, clock, cancellationToken);
            made[id] = version.Revision;
            Note(document, id, lesson, wanted, version, by);
        }

        await db.SaveChangesAsync(cancellationToken);
        if (made.Count > 0) db.AfterCommit(catalog.LookNow);
        return made;
    }

    /// <summary>What a template knows, and the hash of the folder's definition that it learned on top of; null for one that isn't there: nobody can teach it.</summary>
    public async Task<(TemplateKnowledge Knowledge, string? Base)?> KnowledgeOfAsync(string id, CancellationToken cancellationToken)
    {
        var latest = await db.LatestOfAsync(id, cancellationToken);
        if (catalog.FindInFolder(id) is { } file)
        {
            var hash = TemplateCatalog.HashOf(file.Text);
            return (latest is { Learning: { } learning } && latest.Base == hash ? TemplateKnowledge.FromJson(learning) : TemplateKnowledge.Of(file.Text), hash);
        }

        if (latest is not { Source: { } source, Base: null }) return null;
        return (latest.Learning is { } known ? TemplateKnowledge.FromJson(known) : TemplateKnowledge.Of(source), null);
    }

    // What a template knew before it was written then, with the library as it was: taken back means back to that, letter by letter
    private async Task<string> SourceOfAsync(string id, TemplateKnowledge knowledge, CancellationToken cancellationToken)
    {
        if (knowledge.IsUntaught) return knowledge.Ground;
        var learning = knowledge.ToJson();
        var before = await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == id && v.Learning == learning && v.Source != null)
            .OrderByDescending(v => v.Revision).Select(v => v.Source).FirstOrDefaultAsync(cancellationToken);
        if (before is not null) return before;
        var ground = TemplateSource.Demand(knowledge.Ground, id);
        return TemplateWriter.Write(knowledge.Define(ground, TokenRarity.Of(catalog.Current.Templates.Where(t => t.Family != ground.Family))));
    }

    private static void Learn(TemplateKnowledge knowledge, DocumentWords words, bool? had, bool? wanted)
    {
        try
        {
            if (had is { } before) (before ? knowledge.Examples : knowledge.Counterexamples).Remove(words);
        }
        catch (InvalidOperationException)
        {
            // An earlier version was put back meanwhile, which didn't know it
        }

        if (wanted is { } now) (now ? knowledge.Examples : knowledge.Counterexamples).Add(words);
    }

    private void Note(DocumentRef document, string id, Lesson? lesson, bool? wanted, TemplateVersion version, Caller by)
    {
        if (wanted is not { } isExample)
        {
            (lesson!.UndoneRevision, lesson.UndoneBy) = (version.Revision, by.User);
        }
        else if (lesson is not null)
        {
            (lesson.IsExample, lesson.Revision, lesson.Taught, lesson.TaughtBy, lesson.UndoneRevision, lesson.UndoneBy) =
                (isExample, version.Revision, version.Created, by.User, null, null);
        }
        else
        {
            db.Lessons.Add(new Lesson
            {
                DocumentId = document.Id,
                TemplateId = id,
                Sha256 = document.Sha256,
                Length = document.Length,
                MediaType = document.MediaType,
                IsExample = isExample,
                Revision = version.Revision,
                Taught = version.Created,
                TaughtBy = by.User,
            });
        }
    }
}
