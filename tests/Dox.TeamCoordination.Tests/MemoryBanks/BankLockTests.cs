using System.Text.Json.Nodes;
using Dox.TeamCoordination.MemoryBanks;
using Microsoft.Extensions.Time.Testing;

namespace Dox.TeamCoordination.Tests.MemoryBanks;

internal sealed class BankLockTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
    private string _folder = null!;

    private string Bank => Path.Combine(_folder, "SUPERVISOR.json");

    private string LockFile => Bank + ".lock";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dox-lock-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void One_holds_it_and_others_can_read_who()
    {
        using (var held = Take("one"))
        {
            Assert.That(held!.Holds(), Is.True);
            Assert.That(Take("two"), Is.Null);
            var content = JsonNode.Parse(File.ReadAllText(LockFile))!;
            Assert.That(((string?)content["agent_id"], content["expires_at"]!.GetValue<DateTimeOffset>()), Is.EqualTo(("one", _clock.GetUtcNow() + s_lease)));
        }

        Assert.That(File.Exists(LockFile), Is.False);
        using var next = Take("two");
        Assert.That(next, Is.Not.Null);
    }

    [Test]
    public void One_that_ran_out_is_taken_over_and_its_owner_knows()
    {
        using var first = Take("one");
        _clock.Advance(s_lease);
        Assert.That(first!.Holds(), Is.False);
        using var second = Take("two");
        Assert.That((second!.Holds(), first.Holds()), Is.EqualTo((true, false)));
        first.Dispose();
        Assert.That(second.Holds(), Is.True, "the first one's release mustn't remove the second one's lock");
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1));
    }

    [TestCase("""{"agent_id":"x","expires_at":"2026-03-02T09:00:01Z"}""", false)]
    [TestCase("""{"agent_id":"x","expires_at":"2026-03-02T08:59:59.999999"}""", true)]
    [TestCase("""{"agent_id":"x","expires_at":"2026-03-02T10:59:59+02:00"}""", true)]
    [TestCase("""{"agent_id":"x","expires_at":1772442001.5}""", false)]
    [TestCase("""{"agent_id":"x","expires_at":1772441999}""", true)]
    [TestCase("""{"agent_id":"x","timestamp":"2026-03-02T08:59:40Z"}""", false)]
    [TestCase("""{"agent_id":"x","timestamp":"2026-03-02T08:59:20Z"}""", true)]
    public void Locks_of_others_are_understood(string content, bool isStale)
    {
        File.WriteAllText(LockFile, content);
        using var taken = Take("one");
        Assert.That(taken is not null, Is.EqualTo(isStale));
    }

    [TestCase("", 29, false)]
    [TestCase("", 31, true)]
    [TestCase("just me", 29, false)]
    [TestCase("just me", 31, true)]
    public void A_lock_that_says_nothing_holds_as_long_as_any(string content, int age, bool isStale)
    {
        File.WriteAllText(LockFile, content);
        File.SetLastWriteTimeUtc(LockFile, _clock.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(age));
        using var taken = Take("one");
        Assert.That(taken is not null, Is.EqualTo(isStale));
    }

    [Test]
    public async Task Of_many_who_see_a_stale_lock_one_gets_it()
    {
        for (var round = 0; round < 50; round++)
        {
            await File.WriteAllTextAsync(LockFile, """{"agent_id":"dead","expires_at":"2026-03-02T08:00:00Z"}""");
            using var start = new Barrier(6);
            var taken = (await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return Take($"agent-{i}");
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)))).OfType<BankLock>().ToList();
            Assert.That(taken.Count(t => t.Holds()), Is.LessThanOrEqualTo(1));
            foreach (var held in taken) held.Dispose();
            File.Delete(LockFile);
        }
    }

    private BankLock? Take(string agent) => BankLock.TryTake(Bank, agent, s_lease, _clock);
}
