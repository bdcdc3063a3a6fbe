using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>Reads the template's fields from the document.</summary>
/// <param name="Document">An accepted document.</param>
/// <param name="TemplateId">Which template it is an instance of.</param>
[MessageName("template-matching.extract-fields.v1"), RuleEndpoint("POST", "/api/templates/extract"), Requires(Role.Submitter)]
public sealed record ExtractFields(DocumentRef Document, string TemplateId) : ICommand<ExtractionResult>;

/// <summary>A value that was read from a document.</summary>
/// <param name="Value">Normalised: dates ISO 8601, money as a number with a point.</param>
/// <param name="Raw">As it stands in the document.</param>
/// <param name="Type">As the template names it: <c>text</c>, <c>date</c>, <c>money</c>, <c>number</c>, <c>iban</c>, …; <c>table</c> for rows.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Page">1 for the first.</param>
/// <param name="Box">Left, top, width, height as fractions of the page; null where the place isn't known.</param>
/// <param name="Anchor">The label that it was found by.</param>
/// <param name="Values">All values where the field has several; <paramref name="Value"/> has them in lines.</param>
/// <param name="Rows">For a table its rows, cells by column; <paramref name="Value"/> is how many there are.</param>
public sealed record ExtractedField(
    string Value, string Raw, string Type, double Confidence, int Page, IReadOnlyList<double>? Box = null, string? Anchor = null,
    IReadOnlyList<string>? Values = null, IReadOnlyList<IReadOnlyDictionary<string, ExtractedField>>? Rows = null);

/// <summary>The answer to <see cref="ExtractFields"/>.</summary>
/// <param name="TemplateId">The template's id.</param>
/// <param name="Fields">By field name.</param>
/// <param name="Missing">Required fields that weren't found.</param>
/// <param name="Complete">Whether nothing required is missing.</param>
/// <param name="Problems">In words what couldn't be looked for, such as an expression that took too long; null where nothing.</param>
public sealed record ExtractionResult(
    string TemplateId, IReadOnlyDictionary<string, ExtractedField> Fields, IReadOnlyList<string> Missing, bool Complete,
    IReadOnlyList<string>? Problems = null);
