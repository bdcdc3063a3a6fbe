using Dox.SharedKernel.Access;
using Dox.SharedKernel.Audit;
using Dox.SharedKernel.Messages;

namespace Dox.Validation.Contracts;

/// <summary>Who changed what in this module.</summary>
/// <param name="Filter">Which entries.</param>
[MessageName("validation.list-audit.v1"), Requires(Role.Operator)]
public sealed record ListValidationAudit(AuditFilter Filter) : IQuery<AuditPage>;
