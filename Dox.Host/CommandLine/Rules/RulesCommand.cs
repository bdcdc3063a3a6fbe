using System.CommandLine;

namespace Dox.Host.CommandLine.Rules;

/// <summary>What an author does with rules, most of it without a server.</summary>
internal static class RulesCommand
{
    public static Command Create(Func<DoxSetup, WebApplication> build) => new("rules", "Lint, test and try rules, and see what they may name.")
    {
        LintRulesCommand.Create(build),
        TestRulesCommand.Create(build),
        SimulateRuleCommand.Create(build),
        BacktestRulesCommand.Create(),
        RuleActionsCommand.Create(build),
        RuleSchemaCommand.Create(build),
    };

    /// <summary>Files and folders; without any, the folder <c>workflows</c> here, else those that a server here would read.</summary>
    public static Argument<string[]> Paths() => new("paths")
    {
        Description = "Files or folders with rules; absent: ./workflows, or what a server here would read.",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };
}
