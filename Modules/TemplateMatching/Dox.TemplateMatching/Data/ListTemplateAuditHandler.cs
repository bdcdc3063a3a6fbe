using Dox.SharedKernel.Audit;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.TemplateMatching.Contracts;
using MediatR;

namespace Dox.TemplateMatching.Data;

internal sealed class ListTemplateAuditHandler(TemplateMatchingDbContext db) : IRequestHandler<ListTemplateAudit, AuditPage>
{
    public Task<AuditPage> Handle(ListTemplateAudit request, CancellationToken cancellationToken) => db.ReadAsync(request.Filter, cancellationToken);
}
