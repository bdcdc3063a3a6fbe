namespace Dox.Orchestration.Triggers;

/// <summary>Says of an endpoint that it runs a rule for each call: that rule may name the route as its trigger.</summary>
/// <param name="Name">The rule.</param>
internal sealed record RunsRule(string Name);
