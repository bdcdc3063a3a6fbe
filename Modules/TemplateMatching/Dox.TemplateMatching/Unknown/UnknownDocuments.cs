using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Teaching;
using Dox.TemplateMatching.Templates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Unknown;

/// <summary>The pile of documents that no template fits: three alike propose a template. Those that come later count for the draft that they look like.</summary>
internal sealed class UnknownDocuments(TemplateMatchingDbContext db, Teacher teacher, TemplateCatalog catalog, IOptions<TemplateMatchingOptions> options, TimeProvider clock)
{
    private const int MostAlike = 12;
    private const int MinAlike = 3;
    private const int MaxSamples = 5;

    /// <summary>What an unknown document comes to; <see cref="KeepAsync"/> keeps it.</summary>
    /// <param name="Document">As it is kept.</param>
    /// <param name="Draft">The template that it and others propose; null for none.</param>
    /// <param name="Members">The others.</param>
    /// <param name="Samples">Those of all that the draft was learned from.</param>
    internal sealed record Addition(UnknownDocument Document, TemplateDraft? Draft, IReadOnlyList<Id<Document>> Members, IReadOnlyList<Id<Document>> Samples);

    /// <summary>Looks for documents like it, and reads those. Changes nothing.</summary>
    /// <returns>Null where unknown documents aren't kept.</returns>
    public async Task<Addition?> CompareAsync(DocumentRef document, string account, DocumentWords words, CancellationToken cancellationToken)
    {
        if (options.Value.UnknownDays == 0) return null;
        var now = clock.GetUtcNow();
        var own = new UnknownDocument
        {
            DocumentId = document.Id,
            Account = account,
            Sha256 = document.Sha256,
            Length = document.Length,
            MediaType = document.MediaType,
            Fingerprint = LayoutFingerprint.Of(words),
            Seen = now,
        };
        var since = now.AddDays(-options.Value.UnknownDays);
        var pile = await db.UnknownDocuments.AsNoTracking().Where(d => d.Seen > since && d.DocumentId != document.Id)
            .OrderByDescending(d => d.Seen).Take(options.Value.UnknownMost).ToListAsync(cancellationToken);
        var alike = pile.Select(d => (Document: d, Likeness: LayoutFingerprint.Likeness(own.Fingerprint, d.Fingerprint)))
            .Where(d => d.Likeness is not null).OrderByDescending(d => d.Likeness).ThenBy(d => d.Document.DocumentId.ToString(), StringComparer.Ordinal)
            .Select(d => d.Document).ToList();
        if (alike.Find(d => d.DraftId is not null)?.DraftId is { } draft)
        {
            own.DraftId = draft;
            return new(own, null, [], []);
        }

        // The same bytes sent again say nothing new
        var others = alike.DistinctBy(d => d.Sha256, StringComparer.Ordinal).Where(d => d.Sha256 != own.Sha256).Take(MostAlike).ToList();
        return others.Count + 1 < MinAlike ? new(own, null, [], []) : await ProposeAsync(own, words, others, now, cancellationToken);
    }

    /// <summary>Keeps it, with the draft if there is one, in the write that is open.</summary>
    public async Task KeepAsync(Addition addition, CancellationToken cancellationToken)
    {
        var (document, draft) = (addition.Document, addition.Draft);
        var id = document.DocumentId;
        await db.UnknownDocuments.Where(d => d.DocumentId == id).ExecuteDeleteAsync(cancellationToken);
        if (draft is not null)
        {
            // Another process may have had the same idea: whoever claims all of them first proposes
            var claimed = await db.UnknownDocuments.Where(d => addition.Members.Contains(d.DocumentId) && d.DraftId == null)
                .ExecuteUpdateAsync(d => d.SetProperty(x => x.DraftId, draft.Id).SetProperty(x => x.IsSample, x => addition.Samples.Contains(x.DocumentId)), cancellationToken);
            if (claimed == addition.Members.Count)
            {
                (document.DraftId, document.IsSample) = (draft.Id, addition.Samples.Contains(id));
                db.TemplateDrafts.Add(draft);
                db.Raise(new TemplateDrafted(draft.Id, draft.Documents, draft.Proposed));
            }
            else
            {
                await db.UnknownDocuments.Where(d => d.DraftId == draft.Id).ExecuteUpdateAsync(d => d.SetProperty(x => x.DraftId, (string?)null).SetProperty(x => x.IsSample, false), cancellationToken);
            }
        }
        else if (document.DraftId is { } known)
        {
            await db.TemplateDrafts.Where(d => d.Id == known).ExecuteUpdateAsync(d => d.SetProperty(x => x.Documents, x => x.Documents + 1), cancellationToken);
        }

        db.UnknownDocuments.Add(document);
    }

    /// <summary>It is known now: it proposes nothing.</summary>
    public Task ForgetAsync(Id<Document> document, CancellationToken cancellationToken) =>
        db.UnknownDocuments.Where(d => d.DocumentId == document).ExecuteDeleteAsync(cancellationToken);

    private async Task<Addition> ProposeAsync(UnknownDocument own, DocumentWords words, List<UnknownDocument> others, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (read, pile) = (new List<Id<Document>> { own.DocumentId }, new List<DocumentWords> { words });
        foreach (var other in others)
        {
            if (await teacher.ReadAsync(other.Document, cancellationToken) is not { } theirs) continue;
            read.Add(other.DocumentId);
            pile.Add(theirs);
        }

        var rarity = TokenRarity.Of(catalog.Current.Templates);
        if (UnknownPile.Cluster(pile, rarity).FirstOrDefault(c => c.Members.Contains(0)) is not { } cluster) return new(own, null, [], []);
        var id = $"proposed.{own.DocumentId.ToString()[^12..]}";
        var samples = cluster.Members.Take(MaxSamples).ToList();
        var learned = LearnedLayout.Of(samples.Select(m => pile[m]));
        if (TemplateDrafter.Of(learned, new DraftHead(id, cluster.Draft.Name, id), rarity) is not { } drafted) return new(own, null, [], []);
        var draft = new TemplateDraft
        {
            Id = id,
            Source = TemplateWriter.Write(drafted),
            Learning = learned.ToJson(),
            Documents = cluster.Members.Count,
            Proposed = now,
            State = DraftState.Open,
        };
        return new(own, draft, [.. cluster.Members.Select(m => read[m]).Where(m => m != own.DocumentId)], [.. samples.Select(m => read[m])]);
    }
}
