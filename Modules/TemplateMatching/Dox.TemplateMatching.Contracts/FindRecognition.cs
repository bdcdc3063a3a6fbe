using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>What a document was recognised as last. Who may see the document is the asker's to know.</summary>
/// <param name="DocumentId">The document.</param>
[MessageName("template-matching.find-recognition.v1"), Requires(Role.Reviewer, Role.Operator)]
public sealed record FindRecognition(Id<Document> DocumentId) : IQuery<FoundRecognition>;

/// <summary>The answer to <see cref="FindRecognition"/>.</summary>
/// <param name="Recognition">Null: it wasn't recognised yet.</param>
public sealed record FoundRecognition(RecognitionRecord? Recognition);
