using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Workflows.Tests.Embedding;

/// <summary>The guide's sample does what the guide says, and the guide shows the sample as it is.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class OrderServiceTests
{
    private readonly Dictionary<string, byte[]> _table = new(StringComparer.Ordinal);
    private readonly Carrier _carrier = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Test]
    public async Task Light_order_is_shipped_at_once()
    {
        var run = await Service().StartAsync("order-1", Items(1.5), CancellationToken.None);
        Assert.That((run.Status, run.Output!.ToJsonString()), Is.EqualTo((RunStatus.Success, """{"weight":1.5,"parcel":"parcel 1"}""")));
    }

    [Test]
    public async Task Heavy_order_waits_for_a_person_over_a_restart()
    {
        var run = await Service().StartAsync("order-2", Items(20, 20), CancellationToken.None);
        Assert.That((run.Status, (string?)run.Wait!.Data!["subject"]), Is.EqualTo((RunStatus.WaitingForHuman, "Really 40 kg?")));

        Assert.That(await Service().DecideAsync("order-2", approved: true, CancellationToken.None), Is.True);
        Assert.That(await Service().DecideAsync("order-2", approved: true, CancellationToken.None), Is.False, "it waits no more");
        Assert.That((Kept("order-2").Status, _carrier.Taken), Is.EqualTo((RunStatus.Success, new[] { "parcel 1" })));
    }

    [Test]
    public async Task Parcel_is_handed_over_once_though_the_service_died_before_it_could_note_that()
    {
        await Service().StartAsync("order-3", Items(1), CancellationToken.None);
        // The table as it was before the last checkpoint
        var rule = Kept("order-3");
        _table["order-3"] = RunStateJson.Write(Before(rule));
        await Service().GoOnWithDueAsync(CancellationToken.None);
        Assert.That((Kept("order-3").Status, _carrier.Taken), Is.EqualTo((RunStatus.Success, new[] { "parcel 1" })));
    }

    [Test]
    public async Task Failed_hand_over_is_tried_again_when_its_time_has_come()
    {
        _carrier.IsOpen = false;
        var starting = Service().StartAsync("order-4", Items(1), CancellationToken.None);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        _carrier.IsOpen = true;
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.That((await starting).Status, Is.EqualTo(RunStatus.Success));
    }

    [Test]
    public void Guide_shows_the_sample_as_it_is()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Dox.sln"))) root = root.Parent;
        var sample = Squeezed(File.ReadAllText(Path.Combine(root.FullName, "tests", "Dox.Workflows.Tests", "Embedding", "OrderService.cs")));
        var blocks = File.ReadAllText(Path.Combine(root.FullName, "docs", "guides", "embed-the-core.md")).Split("```csharp\n").Skip(1).Select(block => block.Split("```")[0]).ToList();
        Assert.That(blocks, Is.Not.Empty);
        foreach (var block in blocks) Assert.That(sample, Does.Contain(Squeezed(block)), block);
    }

    private static string Squeezed(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private OrderService Service() => new(_table, _carrier, _clock);

    private RunState Kept(string order) => RunStateJson.Read(_table[order]);

    private static RunState Before(RunState ended)
    {
        ended.Steps.Remove("Ship");
        ended.Context.Remove("parcel");
        (ended.Status, ended.Cursor, ended.EndedAt) = (RunStatus.Running, "Ship", null);
        return ended;
    }

    private static JsonArray Items(params double[] kilograms) => [.. kilograms.Select(kg => (JsonNode)new JsonObject { ["kg"] = kg })];
}
