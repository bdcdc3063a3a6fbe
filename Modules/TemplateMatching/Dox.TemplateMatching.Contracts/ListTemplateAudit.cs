using Dox.SharedKernel.Access;
using Dox.SharedKernel.Audit;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>Who changed what in this module.</summary>
/// <param name="Filter">Which entries.</param>
[MessageName("template-matching.list-audit.v1"), Requires(Role.Operator)]
public sealed record ListTemplateAudit(AuditFilter Filter) : IQuery<AuditPage>;
