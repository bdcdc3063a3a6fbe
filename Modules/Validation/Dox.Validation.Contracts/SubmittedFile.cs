using Dox.SharedKernel.Ids;

namespace Dox.Validation.Contracts;

/// <summary>A staged file and what its sender said of it. The shape of <c>document</c> in a rule's context.</summary>
/// <param name="Id">The document that it will be.</param>
/// <param name="Sha256">Of the bytes as they came: 64 lower-case hexadecimal digits.</param>
/// <param name="Length">In bytes, as counted.</param>
/// <param name="MediaType">As found by magic bytes; <c>application/octet-stream</c> where none is known.</param>
/// <param name="FileName">Cleaned: no path, no control characters.</param>
/// <param name="DeclaredMediaType">What the sender declared, if anything.</param>
public sealed record SubmittedFile(Id<Document> Id, string Sha256, long Length, string MediaType, string FileName, string? DeclaredMediaType = null);
