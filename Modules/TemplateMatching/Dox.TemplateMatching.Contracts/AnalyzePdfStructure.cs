using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>What a document is made of, as far as recognition cares.</summary>
/// <param name="Document">An accepted document.</param>
[MessageName("template-matching.analyze-pdf-structure.v1"), RuleFunction("analyze_pdf_structure"), Requires(Role.Submitter)]
public sealed record AnalyzePdfStructure(DocumentRef Document) : IQuery<PdfStructure>;

/// <summary>The answer to <see cref="AnalyzePdfStructure"/>. Counts are over the pages that were read.</summary>
/// <param name="Readable">Whether it opened; the rest is 0 or null where it didn't.</param>
/// <param name="Code">A stable code of how reading ended, <c>ok</c> where it did.</param>
/// <param name="PageCount">Pages of the document.</param>
/// <param name="HasText">Whether any page has a text layer.</param>
/// <param name="NeedsOcr">Whether its text must be recognised optically.</param>
/// <param name="Words">Words.</param>
/// <param name="FormFields">Names of its form fields.</param>
/// <param name="RulingLines">Horizontal and vertical lines.</param>
/// <param name="Images">Pictures.</param>
/// <param name="Producer">The program that made it, as it says.</param>
/// <param name="Truncated">Whether pages, words or fields were left out because of a limit.</param>
public sealed record PdfStructure(
    bool Readable, string Code, int PageCount, bool HasText, bool NeedsOcr, int Words, IReadOnlyList<string> FormFields, int RulingLines, int Images,
    string? Producer, bool Truncated);
