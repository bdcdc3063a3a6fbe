using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>A person decided what a document is: recorded with the recognition, and learned from. Saying it twice is saying it once.</summary>
/// <param name="DocumentId">The document.</param>
/// <param name="TemplateId">The template it is an instance of; null where the person rejected it.</param>
/// <param name="DecidedBy">Who.</param>
/// <param name="IsApproval">
/// Whether the person let it go on: then no template means the one that recognition proposed, and templates learn from it. Else the document was
/// refused, which says nothing of what it is.
/// </param>
[MessageName("template-matching.declare-template.v1"), Requires(Role.Reviewer)]
public sealed record DeclareTemplate(Id<Document> DocumentId, string? TemplateId, string DecidedBy, bool IsApproval = false) : ICommand;
