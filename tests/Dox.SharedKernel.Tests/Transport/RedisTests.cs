using System.Globalization;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.SharedKernel.Infrastructure.Transport.Redis;
using Dox.SharedKernel.Tests.Ledger;
using Dox.SharedKernel.Tests.Modules;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using StackExchange.Redis;

namespace Dox.SharedKernel.Tests.Transport;

/// <summary>What Redis and the processes around it may do to messages, without one being lost or done twice.</summary>
public sealed class RedisTests
{
    private const string Prefix = "dox-own";
    private static readonly string s_commands = StreamKeys.Commands(Prefix, TwoModules.Ledger);
    private static readonly string s_events = StreamKeys.Events(Prefix, TwoModules.Ledger);

    private RedisServer _server = null!;
    private ConnectionMultiplexer _redis = null!;

    private IDatabase Redis => _redis.GetDatabase();

    [SetUp]
    public async Task StartAsync()
    {
        _server = await RedisServer.StartPrivateAsync();
        _redis = await ConnectionMultiplexer.ConnectAsync(_server.Configuration + ",abortConnect=false,allowAdmin=true");
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Replicas_compete_and_each_request_is_handled_once()
    {
        await using var first = await StartHostAsync();
        await using var second = await StartHostAsync(first, "second");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var host in new[] { first, second })
            for (var i = 0; i < 200; i++) host.Script.On(Script.Asked, $"q{i}", gate.Task.WaitAsync);

        var asked = Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? first : second).SendAsync(new Ask($"q{i}"))).ToList();
        await Eventually.IsTrueAsync(() => first.Script.Texts(Script.Asked).Count > 0 && second.Script.Texts(Script.Asked).Count > 0, "both have some of it");
        gate.SetResult();
        var answers = await Task.WhenAll(asked);

        Assert.That(answers.Select(a => a.Node).Distinct(StringComparer.Ordinal), Is.EquivalentTo(new[] { "first", "second" }));
        Assert.That(first.Script.Texts(Script.Asked).Concat(second.Script.Texts(Script.Asked)), Is.EquivalentTo(Enumerable.Range(0, 200).Select(i => $"q{i}")));
    }

    [Test]
    public async Task What_a_killed_consumer_had_is_taken_over()
    {
        await Redis.StreamCreateConsumerGroupAsync(s_commands, TwoModules.Ledger, StreamPosition.Beginning);
        await Redis.StreamCreateConsumerGroupAsync(s_events, TwoModules.Desk, StreamPosition.Beginning);
        var now = TimeProvider.System.GetUtcNow();
        await Redis.StreamAddAsync(s_commands, Fields("ledger.record.v1", new Record("orphaned command"), TwoModules.Ledger, oneWay: false, now));
        await Redis.StreamAddAsync(s_events, Fields("ledger.entry-recorded.v1", new EntryRecorded("orphaned event"), TwoModules.Desk, oneWay: true, now));
        await Redis.StreamReadGroupAsync(s_commands, TwoModules.Ledger, "killed", ">");
        await Redis.StreamReadGroupAsync(s_events, TwoModules.Desk, "killed", ">");

        await using var host = await StartHostAsync();

        await Eventually.IsTrueAsync(
            async () => await host.EntriesAsync("orphaned command") == 1 && await host.DeskHeardAsync("orphaned event") == 1, "both were taken over");
        await Eventually.IsTrueAsync(async () => (await Redis.StreamPendingAsync(s_commands, TwoModules.Ledger)).PendingMessageCount == 0, "it is acknowledged");
    }

    [Test]
    public async Task An_unreadable_entry_is_put_aside_whole_and_stops_nobody()
    {
        await using var host = await StartHostAsync();
        await Redis.StreamAddAsync(s_commands, [new("id", "no id"), new("body", new byte[] { 0, 255, 1 })]);

        Assert.That((await host.SendAsync(new Ask("behind it"))).Text, Is.EqualTo("behind it"));

        var dead = StreamKeys.Dead(Prefix, TwoModules.Ledger);
        await Eventually.IsTrueAsync(async () => await Redis.StreamLengthAsync(dead) == 1, "it is put aside");
        var entry = (await Redis.StreamRangeAsync(dead))[0];
        Assert.That((byte[]?)entry["body"], Is.EqualTo(new byte[] { 0, 255, 1 }));
        Assert.That((string?)entry["dead_stream"], Is.EqualTo(s_commands));
        await Eventually.IsTrueAsync(async () => (await Redis.StreamPendingAsync(s_commands, TwoModules.Ledger)).PendingMessageCount == 0, "it is acknowledged");
    }

    [Test]
    public async Task What_can_t_be_put_aside_isn_t_acknowledged()
    {
        var dead = StreamKeys.Dead(Prefix, TwoModules.Ledger);
        await Redis.StringSetAsync(dead, "in the way");
        await using var host = await StartHostAsync();
        await Redis.StreamAddAsync(s_commands, [new("id", "no id")]);
        await Eventually.IsTrueAsync(() => host.Host.Logs.Lines.Any(l => l.Message.Contains("put an unreadable entry", StringComparison.Ordinal)), "it was tried");
        Assert.That((await Redis.StreamPendingAsync(s_commands, TwoModules.Ledger)).PendingMessageCount, Is.EqualTo(1));

        await Redis.KeyDeleteAsync(dead);

        await Eventually.IsTrueAsync(async () => await Redis.StreamLengthAsync(dead) == 1, "it is put aside at a later try");
    }

    [Test]
    public async Task A_Redis_that_lost_its_memory_loses_no_event()
    {
        await using var host = await StartHostAsync();
        var gate = host.Script.Hold(Script.DeskHears, "under way");
        await host.RaiseAsync("under way");
        await Eventually.IsTrueAsync(() => host.Script.Calls(Script.DeskHears, "under way") >= 1, "it is being delivered");

        await Redis.ExecuteAsync("FLUSHALL");
        gate.SetResult();
        await host.RaiseAsync(Enumerable.Range(0, 20).Select(i => $"flushed {i}"));

        await AllHeardAsync(host, "flushed", 20);
        await AllHeardAsync(host, "under way", 1, exact: true);
        Assert.That((await host.SendAsync(new Ask("still there?"))).Text, Is.EqualTo("still there?"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Over_a_restart_of_Redis_nothing_is_lost_or_given_up(bool killed)
    {
        await using var host = await StartHostAsync(maxAttempts: 1);
        await host.RaiseAsync("before 0");
        await AllHeardAsync(host, "before", 1);

        if (killed) await _server.KillAsync();
        else await _server.StopAsync();
        await host.RaiseAsync(Enumerable.Range(0, 20).Select(i => $"meanwhile {i}"));
        var fault = (await Assert.ThrowsAsync<DoxException>(() => host.SendAsync(new Ask("anybody?"), within: TimeSpan.FromSeconds(2))))!;
        Assert.That(fault.Status, Is.AnyOf(503, 504));
        await _server.StartAsync();

        await AllHeardAsync(host, "meanwhile", 20);
        await Eventually.IsTrueAsync(async () => await AnswersAsync(host), "requests are answered again");
    }

    [Test]
    public async Task A_host_that_starts_before_Redis_comes_to_work_with_it()
    {
        await _server.StopAsync();
        await using var host = await StartHostAsync();
        await host.RaiseAsync("early 0");

        await _server.StartAsync();

        await AllHeardAsync(host, "early", 1);
    }

    [Test]
    public async Task Groups_that_are_there_already_are_used()
    {
        await Redis.StreamCreateConsumerGroupAsync(s_commands, TwoModules.Ledger, StreamPosition.Beginning);

        await using var host = await StartHostAsync();

        Assert.That((await host.SendAsync(new Ask("with an old group"))).Text, Is.EqualTo("with an old group"));
        Assert.That(host.Host.Logs.Troubles, Does.Not.Contain("BUSYGROUP"));
    }

    [Test]
    public async Task What_is_dealt_with_leaves_Redis()
    {
        await using var host = await StartHostAsync();
        await host.SendAsync(new Record("leaves"));
        await AllHeardAsync(host, "leaves", 1, exact: true);

        await Eventually.IsTrueAsync(async () => await Redis.StreamLengthAsync(s_commands) == 0 && await Redis.StreamLengthAsync(s_events) == 0, "nothing stays behind");
    }

    [Test]
    public async Task A_module_in_another_process_is_asked_and_told()
    {
        await using var ledger = await StartHostAsync(hosted: [TwoModules.Ledger]);
        await using var desk = await StartHostAsync(ledger, "second", hosted: [TwoModules.Desk]);

        var answer = await desk.SendAsync(new Ask("over there"));
        await desk.SendAsync(new Record("told over there"));

        Assert.That(answer.Node, Is.EqualTo("first"));
        await Eventually.IsTrueAsync(async () => await desk.DeskHeardAsync("told over there") == 1, "the desk hears it in its process");
    }

    private Task<TwoModules> StartHostAsync(TwoModules? sharesWith = null, string node = "first", int maxAttempts = 12, IReadOnlyList<string>? hosted = null) =>
        TwoModules.StartAsync(
            DatabaseProvider.PostgreSql, TransportKind.InProcess,
            [
                ("REDIS_HOST", _server.Host), ("REDIS_PORT", _server.Port.ToString(CultureInfo.InvariantCulture)),
                ("Dox:Redis:Prefix", Prefix), ("Dox:Redis:TakeOverAfter", "00:00:02"),
                ("Dox:Transport:Kind", "Redis"), ("Dox:Transport:AlwaysRemote", "true"), ("Dox:Transport:DeliveryTimeout", "00:00:03"),
                ("Dox:Outbox:PollInterval", "00:00:00.1"), ("Dox:Outbox:MaxAttempts", maxAttempts.ToString(CultureInfo.InvariantCulture)),
            ],
            sharesWith, node, hosted: hosted);

    private static async Task AllHeardAsync(TwoModules host, string what, int count, bool exact = false)
    {
        for (var i = 0; i < count; i++)
        {
            var text = exact ? what : $"{what} {i}";
            await Eventually.IsTrueAsync(async () => await host.DeskHeardAsync(text) == 1 && await host.LedgerHeardAsync(text) == 1, $"{text} is heard once by both");
        }
    }

    private static async Task<bool> AnswersAsync(TwoModules host)
    {
        try
        {
            return (await host.SendAsync(new Ask("there again?"), within: TimeSpan.FromSeconds(2))).Text.Length > 0;
        }
        catch (DoxException)
        {
            return false;
        }
    }

    private static NameValueEntry[] Fields(string name, object message, string to, bool oneWay, DateTimeOffset now)
    {
        var envelope = new Envelope(Guid.CreateVersion7(now), name, TwoModules.Ledger, DoxHostFixture.Admin, now) { Message = message, Deadline = oneWay ? null : now + TimeSpan.FromMinutes(1) };
        return oneWay ? EnvelopeFields.Write([envelope], to, "") : EnvelopeFields.Write(envelope, to, "");
    }
}
