using Dox.SharedKernel.Ids;

namespace Dox.SharedKernel.Documents;

/// <summary>Stands for a document's bytes in messages, which never carry them.</summary>
/// <param name="Id">The document.</param>
/// <param name="Sha256">Of the content as it was sent: 64 lower-case hexadecimal digits.</param>
/// <param name="Length">In bytes.</param>
/// <param name="MediaType">As found in the content, for example <c>application/pdf</c>.</param>
public sealed record DocumentRef(Id<Document> Id, string Sha256, long Length, string MediaType);
