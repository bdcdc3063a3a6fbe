using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.Orchestration.Contracts;

/// <summary>Moves a validated document's content from the staging area to the store, where it can be read. Storing twice is storing once.</summary>
/// <param name="Document">An accepted document.</param>
[MessageName("orchestration.store-document.v1"), RuleEndpoint("POST", "/api/documents"), Requires(Role.System)]
public sealed record StoreDocument(DocumentRef Document) : ICommand<StoredDocument>;

/// <summary>The answer to <see cref="StoreDocument"/>.</summary>
/// <param name="DocumentId">The document.</param>
/// <param name="StorageLocation">Where its content is, as a name that means nothing outside the store.</param>
/// <param name="Stored">UTC.</param>
public sealed record StoredDocument(Id<Document> DocumentId, string StorageLocation, DateTimeOffset Stored);

/// <summary>Ties a document to an account, and keeps what was learnt of it.</summary>
/// <param name="Document">The document.</param>
/// <param name="AccountId">The account; null: the one that sent it.</param>
/// <param name="TemplateId">The template that it is an instance of.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Fields">Values by field name.</param>
[MessageName("orchestration.associate-document.v1"), RuleEndpoint("POST", "/api/documents/associate"), Requires(Role.System)]
public sealed record AssociateDocument(
    DocumentRef Document, string? AccountId = null, string? TemplateId = null, double? Confidence = null, IReadOnlyDictionary<string, string>? Fields = null)
    : ICommand<DocumentAssociation>;

/// <summary>The answer to <see cref="AssociateDocument"/>.</summary>
/// <param name="DocumentId">The document.</param>
/// <param name="AccountId">The account that it belongs to now.</param>
/// <param name="TemplateId">The template, where it is known.</param>
public sealed record DocumentAssociation(Id<Document> DocumentId, string AccountId, string? TemplateId);
