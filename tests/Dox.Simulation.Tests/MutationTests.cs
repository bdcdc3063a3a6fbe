using Dox.Simulation.Tests.Checking;
using Dox.Simulation.Tests.Storage;

namespace Dox.Simulation.Tests;

/// <summary>
/// A simulation that finds nothing may be blind. Each guard is taken out in turn, and within so many seeds its lack must be seen, by an
/// invariant that speaks of it.
/// </summary>
public sealed class MutationTests
{
    private const ulong SeedsToFindIt = 5000;

    private static IEnumerable<TestCaseData> Guards()
    {
        yield return Without(Mutation.TokenUnchecked, Invariants.StaleToken);
        yield return Without(Mutation.JournalLengthUnchecked, Invariants.RowAndJournal, Invariants.Chain);
        yield return Without(Mutation.LeaseUnchecked, Invariants.LiveLease);
        yield return Without(Mutation.TokenKept, Invariants.NewToken);
        yield return Without(Mutation.WakeUpLost, Invariants.NoneForgotten);
        yield return Without(Mutation.OutboxApart, Invariants.NoneForgotten, Invariants.SameEnd);
        yield return Without(Mutation.RowApart, Invariants.RowAndJournal, Invariants.Chain);
        yield return Without(Mutation.AnsweredEarly, Invariants.RowAndJournal);
        yield return Without(Mutation.EndedStaysOpen, Invariants.EndedIsEnded, Invariants.NewToken, Invariants.AllEnd);
        yield return Without(Mutation.InboxForgets, Invariants.AskedOnce, Invariants.SameEnd);
        yield return Without(Mutation.ServicesForget, Invariants.EffectOnce);
        yield return Without(Mutation.KeyPerAttempt, Invariants.SameEnd);
        yield return Without(Mutation.StartKeyUnchecked, Invariants.StartedOnce);
        yield return Without(Mutation.DeadStayAlive, Invariants.AllEnd);
        yield return Without(Mutation.LostStayLost, Invariants.AllEnd);
        yield return Without(Mutation.WishIgnored, Invariants.WishMet, Invariants.AllEnd);
        yield return Without(Mutation.ChildrenForgotten, Invariants.ChildrenEnd);
    }

    [TestCaseSource(nameof(Guards))]
    public void A_guard_that_is_taken_out_is_missed(Mutation guard, string[] bySeveral)
    {
        var result = Seeds.Play(1, SeedsToFindIt, guard);
        Assert.That(result.Violations, Is.Not.Empty, $"Nobody missed {guard} in {result.Played} seeds.");
        Assert.That(bySeveral, Does.Contain(result.Violations[0].Violation!.Invariant), result.Violations[0].Violation!.Message);
        TestContext.Out.WriteLine($"{guard}: seed {result.Violations[0].Seed}, {result.Violations[0].Violation!.Invariant}");
    }

    [Test]
    public void Every_guard_is_in_the_list() =>
        Assert.That(Guards().Select(g => (Mutation)g.Arguments[0]!), Is.EquivalentTo(Enum.GetValues<Mutation>().Where(m => m != Mutation.None)));

    private static TestCaseData Without(Mutation guard, params string[] invariants) => new TestCaseData(guard, invariants).SetName($"{guard}_is_missed");
}
