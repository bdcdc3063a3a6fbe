using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>Does the document carry a DataMatrix code, as documents that a system printed do?</summary>
[MessageName("template-matching.check-for-data-matrix.v1"), RuleFunction("check_for_datamatrix_code"), RuleEndpoint("POST", "/api/recognize/datamatrix"),
 Requires(Role.Submitter)]
public sealed record CheckForDataMatrix(DocumentRef Document) : ICommand<DataMatrixResult>;

/// <summary>The answer to <see cref="CheckForDataMatrix"/>.</summary>
/// <param name="Found">Whether a code was read.</param>
/// <param name="Code">Its text.</param>
/// <param name="Batch">The batch that it names.</param>
/// <param name="Account">The account that it names.</param>
/// <param name="Reason">Why none was read, where that isn't plain absence, for example <c>reader_not_installed</c>.</param>
public sealed record DataMatrixResult(bool Found, string? Code = null, string? Batch = null, string? Account = null, string? Reason = null);
