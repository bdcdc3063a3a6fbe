using System.Text;
using Dox.Orchestration.Events;
using Dox.Testing;

namespace Dox.Orchestration.Tests.Events;

/// <summary>docs/reference/events.md is what the code tells. DOX_WRITE_DOCS=1 writes it.</summary>
public sealed class EventReferenceTests
{
    [Test]
    public void Events_are_described_as_they_are()
    {
        var file = Path.Combine(Repository.Root, "docs", "reference", "events.md");
        var now = Markdown();
        if (Environment.GetEnvironmentVariable("DOX_WRITE_DOCS") == "1") File.WriteAllText(file, now);

        Assert.That(File.Exists(file) ? File.ReadAllText(file) : "", Is.EqualTo(now), "docs/reference/events.md is out of date: run this test with DOX_WRITE_DOCS=1, and look at what changed.");
    }

    private static string Markdown()
    {
        var text = new StringBuilder(
            """
            # Events

            <!-- Written by Dox.Orchestration.Tests (DOX_WRITE_DOCS=1): change Events/EventType.cs, not this file. -->

            Every event has the same envelope: `event_id` (the same whenever the event is told again), `event_type`, `event_data`, `timestamp` (UTC) and `service` (who tells it).
            The same events go out as server-sent events, on Redis channels and to webhooks: see [webhooks and events](../guides/webhooks-and-events.md).

            | event_type | when | event_data | Redis channels |
            |---|---|---|---|

            """);
        foreach (var type in EventType.All) text.Append($"| `{type.Name}` | {type.Meaning} | {Code(type.Data)} | {Code(type.Channels)} |\n");
        return text.Append(
            $"""

            `event_data` may have more members than are named here; take those that you know. Rules publish events of other names with `publish_event`; those go to the channel
            `{EventType.OtherChannel}`. Names that begin with `workflow_` or `step_` are the engine's own. Channels are preceded by `Dox:Events:ChannelPrefix`, which is empty by default.

            Streams have two events of their own, without an envelope: `events_missed` (what was asked for isn't kept any more), and at the end `stream_closed` with a `reason`
            (`too_slow`, `come_again`, `shutting_down`) and the `last_event_id` to come back with.

            """).ToString();
    }

    private static string Code(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"`{n}`"));
}
