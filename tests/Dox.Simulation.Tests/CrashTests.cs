using Dox.Simulation.Tests.Storage;
using Dox.Simulation.Tests.Surroundings;
using Dox.Workflows.Rules;

namespace Dox.Simulation.Tests;

/// <summary>
/// Every call that the engine makes to its store, for every shipped rule, on each of the ways that its runs take: the node dies before it or
/// with it, and the end is that of the run without a death, each effect once.
/// </summary>
public sealed class CrashTests
{
    // Whichever way a run takes its id decides, and that the seed: checks pass or wait for the scanner, a person is asked or isn't
    private const ulong Ways = 12;

    private static IEnumerable<string> Rules() => RuleShelf.Shipped.Rules.Where(r => r.Mode == RuleMode.Orchestrated).Select(r => r.Name);

    [TestCaseSource(nameof(Rules))]
    public void Node_may_die_at_every_call_of_the_store(string rule)
    {
        var deaths = 0;
        for (var seed = 1UL; seed <= Ways; seed++)
        {
            var never = new CrashPlan(-1, isDone: false);
            Assert.That(Simulation.RunShipped(rule, seed, never).Violation, Is.Null);
            for (var at = 0; at < never.Calls; at++)
            {
                foreach (var isDone in new[] { false, true })
                {
                    var outcome = Simulation.RunShipped(rule, seed, new CrashPlan(at, isDone));
                    if (outcome.Violation is not null)
                        Assert.Fail($"seed {seed}, call {at}, {(isDone ? "done" : "not done")}:{Environment.NewLine}{string.Join(Environment.NewLine, Simulation.RunShipped(rule, seed, new CrashPlan(at, isDone), traces: true).Trace)}");
                    deaths++;
                }
            }
        }

        Assert.That(deaths, Is.GreaterThan(100));
        TestContext.Out.WriteLine($"{rule}: {deaths} deaths");
    }
}
