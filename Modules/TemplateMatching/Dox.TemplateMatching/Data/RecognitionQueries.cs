using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Data;

internal static class RecognitionQueries
{
    /// <summary>The document's newest recognition.</summary>
    public static Task<StoredRecognition?> LatestOfAsync(
        this IQueryable<StoredRecognition> recognitions, Id<Document> document, CancellationToken cancellationToken) =>
        recognitions.Where(r => r.DocumentId == document).OrderByDescending(r => r.Recognized).FirstOrDefaultAsync(cancellationToken);
}
