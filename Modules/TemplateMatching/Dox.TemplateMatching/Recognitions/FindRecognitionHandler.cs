using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class FindRecognitionHandler(TemplateMatchingDbContext db) : IRequestHandler<FindRecognition, FoundRecognition>
{
    public async Task<FoundRecognition> Handle(FindRecognition request, CancellationToken cancellationToken) =>
        new((await db.Recognitions.AsNoTracking().LatestOfAsync(request.DocumentId, cancellationToken))?.Read());
}
