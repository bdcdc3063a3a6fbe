using Dox.SharedKernel.Audit;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.Validation.Contracts;
using MediatR;

namespace Dox.Validation.Data;

internal sealed class ListValidationAuditHandler(ValidationDbContext db) : IRequestHandler<ListValidationAudit, AuditPage>
{
    public Task<AuditPage> Handle(ListValidationAudit request, CancellationToken cancellationToken) => db.ReadAsync(request.Filter, cancellationToken);
}
