using Dox.SharedKernel.Infrastructure.Content;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>A body that was taken in and staged, and what its sender said of it.</summary>
/// <param name="SubmittedName">The file's name, cleaned: no path, no control characters, NFC, at most 255 bytes. Metadata alone.</param>
/// <param name="DeclaredMediaType">What the sender declared, lower case and without parameters; null if nothing.</param>
/// <param name="Content">The staged bytes: hash, length, head.</param>
/// <param name="Fields">The form's other fields by name; empty for a raw body.</param>
/// <param name="MediaType">As found by magic bytes; <c>application/octet-stream</c> where none is known.</param>
public sealed record Upload(
    string SubmittedName, string? DeclaredMediaType, StagedContent Content, IReadOnlyDictionary<string, string> Fields, string MediaType);
