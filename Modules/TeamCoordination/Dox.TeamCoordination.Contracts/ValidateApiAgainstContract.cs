using System.Text.Json;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>Compares what a service answers with what <c>API_CONTRACTS.json</c> promises for it.</summary>
/// <param name="Service">The service.</param>
/// <param name="Api">
/// What it answers: its OpenAPI document (<c>paths</c>), or <c>endpoints</c> with <c>method</c>, <c>path</c> and, where one was tried,
/// <c>status</c> and <c>response</c>.
/// </param>
[MessageName("team-coordination.validate-api-against-contract.v1"), RuleFunction("validate_api_against_contract"), Requires(Role.Operator)]
public sealed record ValidateApiAgainstContract(string Service, JsonElement Api) : IQuery<ApiCheck>;

/// <summary>The answer to <see cref="ValidateApiAgainstContract"/>.</summary>
/// <param name="Service">The service.</param>
/// <param name="Valid">There is a contract, and nothing of it is broken.</param>
/// <param name="ContractFound">Whether there is one.</param>
/// <param name="EndpointsChecked">How many endpoints it promises.</param>
/// <param name="Problems">What isn't as promised, a line each.</param>
public sealed record ApiCheck(string Service, bool Valid, bool ContractFound, int EndpointsChecked, IReadOnlyList<string> Problems);
