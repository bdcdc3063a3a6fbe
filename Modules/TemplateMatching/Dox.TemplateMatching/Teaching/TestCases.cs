using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Teaching;

/// <summary>A document of which people said what it is, and what it isn't.</summary>
/// <param name="Document">The document.</param>
/// <param name="FileName">Of a sample; null of a document that was sent to be processed.</param>
/// <param name="TemplateId">What it is; null: none of the templates.</param>
/// <param name="Taught">Templates that learned from it, with whether it is an instance.</param>
internal sealed record TestCase(DocumentRef Document, string? FileName, string? TemplateId, IReadOnlyDictionary<string, bool> Taught);

/// <summary>The documents that a library is tested with, and the library as it would be had it never seen one of them.</summary>
internal sealed class TestCases(TemplateMatchingDbContext db, Teacher teacher)
{
    /// <summary>Documents of one test.</summary>
    public const int Most = 1_000;

    private readonly Dictionary<string, TemplateKnowledge?> _known = new(StringComparer.Ordinal);

    /// <summary>The newest samples and decided documents, at most <see cref="Most"/>, and how many are left out.</summary>
    public async Task<(IReadOnlyList<TestCase> Cases, int LeftOut)> ReadAsync(CancellationToken cancellationToken)
    {
        var cases = new SortedDictionary<Id<Document>, TestCase>(Comparer<Id<Document>>.Create((a, b) => string.CompareOrdinal(b.ToString(), a.ToString())));
        foreach (var sample in await db.Samples.AsNoTracking().ToListAsync(cancellationToken))
            cases[sample.Id] = new(sample.Document, sample.FileName, sample.TemplateId, new Dictionary<string, bool>(StringComparer.Ordinal) { [sample.TemplateId] = true });
        foreach (var lessons in (await db.Lessons.AsNoTracking().Where(l => l.UndoneRevision == null).ToListAsync(cancellationToken)).GroupBy(l => l.DocumentId))
        {
            cases[lessons.Key] = new(
                lessons.First().Document, null, lessons.FirstOrDefault(l => l.IsExample)?.TemplateId, lessons.ToDictionary(l => l.TemplateId, l => l.IsExample, StringComparer.Ordinal));
        }

        return ([.. cases.Values.Take(Most)], Math.Max(0, cases.Count - Most));
    }

    /// <summary>The library without what the document taught it: learning and testing never share a document.</summary>
    /// <param name="templates">The library.</param>
    /// <param name="draft">A definition that isn't in force, which takes its template's place; null for none.</param>
    /// <param name="case">The document.</param>
    /// <param name="words">What it looks like.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<TemplateSet> WithoutAsync(TemplateSet templates, TemplateDefinition? draft, TestCase @case, DocumentWords words, CancellationToken cancellationToken)
    {
        var library = templates.Templates.Where(t => t.Id != draft?.Id).ToDictionary(t => t.Id, StringComparer.Ordinal);
        if (draft is not null) library[draft.Id] = draft;
        foreach (var (id, isExample) in @case.Taught)
        {
            if (!library.TryGetValue(id, out var current) || await KnowledgeOfAsync(id, cancellationToken) is not { } knowledge) continue;
            if (id == draft?.Id) knowledge = knowledge with { Ground = draft.Text };
            var ground = TemplateSource.Demand(knowledge.Ground, id);
            try
            {
                if (knowledge.Without(words, isExample, ground, TokenRarity.Of(templates.Templates.Where(t => t.Family != ground.Family))) is { } without)
                    library[id] = without with { Text = current.Text, Stored = current.Stored };
                else library.Remove(id);
            }
            catch (InvalidOperationException)
            {
                // A sample of a template that was begun anew since, or an earlier version was put back: it doesn't know the document
            }
        }

        return new TemplateSet([.. library.Values], [], templates.Calibration);
    }

    private async Task<TemplateKnowledge?> KnowledgeOfAsync(string id, CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(id, out var knowledge)) _known[id] = knowledge = (await teacher.KnowledgeOfAsync(id, cancellationToken))?.Knowledge;
        return knowledge;
    }
}
