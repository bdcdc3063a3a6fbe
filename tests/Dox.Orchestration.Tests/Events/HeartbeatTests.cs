using Dox.SharedKernel.Infrastructure.Data;

namespace Dox.Orchestration.Tests.Events;

/// <summary>Streams that have nothing to say.</summary>
public sealed class HeartbeatTests
{
    [Test]
    public async Task Stream_that_has_nothing_to_say_says_that_it_is_there()
    {
        await using var host = await EventsHost.StartAsync(
            DatabaseProvider.Sqlite, new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:Events:Heartbeat"] = "00:00:00.1" }, clock: null);
        using var body = new StreamReader(await host.Host.Client.GetStreamAsync("/api/v1/events"));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var beats = 0;
        while (beats < 3)
            if (await body.ReadLineAsync(limit.Token) == ": still here") beats++;
        Assert.That(beats, Is.EqualTo(3));
    }
}
