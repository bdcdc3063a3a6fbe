using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.Validation.Contracts;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Rules;

/// <summary>What a rule demands before a run of it starts. Conditions that the parser says aren't checked are left to the rule's steps.</summary>
internal static class StartConditions
{
    /// <summary>Whether the rule wants to know of the caller's quota.</summary>
    public static bool AsksForQuota(Rule rule) => rule.Conditions.Any(c => c.Type == "rate_limit");

    /// <param name="areReady">Whether the services that a text names answer.</param>
    /// <param name="quota">Of the caller; null: it was looked at already, or the rule doesn't ask.</param>
    /// <exception cref="DoxException">One doesn't hold; it is named.</exception>
    public static void Demand(Rule rule, RunState run, Caller caller, RuleInterpreter interpreter, Func<string, bool> areReady, RateLimitInfo? quota = null)
    {
        foreach (var condition in rule.Conditions)
        {
            var refusal = condition.Type switch
            {
                "user_permission" when !IsPermitted(caller, condition.Check) => 403,
                "service_ready" or "dependency_ready" when !areReady(condition.Check) => 503,
                "rate_limit" when quota is { WithinLimit: false } => 429,
                "custom_logic" when !interpreter.Holds(rule, condition, run) => 422,
                _ => 0,
            };
            if (refusal != 0)
            {
                throw new DoxException(refusal, "condition_not_met", $"{rule.Name} doesn't start: its condition '{condition.Check}' doesn't hold.")
                {
                    RetryAfter = refusal == 429 ? TimeSpan.FromSeconds(quota!.RetryAfterSeconds) : null,
                    Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["rule"] = rule.Name, ["condition"] = condition.Type, ["check"] = condition.Check },
                };
            }
        }
    }

    // "user authenticated", or the names of roles of which one is enough
    private static bool IsPermitted(Caller caller, string check)
    {
        var named = Enum.GetValues<Role>().Where(role => role != Role.System && check.Contains(role.ToString(), StringComparison.OrdinalIgnoreCase)).ToArray();
        return named.Length == 0 ? caller.Roles.Length > 0 : caller.Holds(named);
    }
}
