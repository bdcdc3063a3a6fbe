using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dox.Benchmarks.Engine;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.Testing.Servers;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Benchmarks.Transport;

/// <summary>
/// <c>transport</c>: a request to a module of another process and its answer, beside the same bytes by XADD and XREADGROUP there and back; and
/// events that a module of another process commits, beside entries of the same fields that are added to a stream, pipelined, and read and
/// acknowledged there.
/// </summary>
internal static class TransportBenchmark
{
    private const string Peer = "transport-peer";
    private const int PortionsAtOnce = 4;

    private static readonly int s_portion = new OutboxOptions().BatchSize;
    private static readonly string s_text = new('x', 100);

    // What an event's envelope says, as fields
    private static readonly string[] s_envelope =
    [
        "id", Guid.Empty.ToString("N"), "name", "echo.told.v1", "from", EchoModule.ModuleName, "to", EchoModule.ModuleName,
        "caller", JsonSerializer.Serialize(Caller.System, DoxJson.Options), "occurred", "639000000000000000", "body", JsonSerializer.Serialize(new Told(s_text), DoxJson.Options),
    ];

    public static IEnumerable<Command> Commands(RunOptions run)
    {
        yield return run.Command(
            "transport", "request and reply to another process, and one-way events, over Redis beside Redis alone",
            result => MeasureAsync(result.GetValue(run.Rounds), result.GetValue(run.Seconds)));

        var (host, port, folder) = (new Option<string>("--redis-host"), new Option<int>("--redis-port"), new Option<string>("--folder"));
        var peer = new Command(Peer, "the other process of transport") { host, port, folder };
        peer.Hidden = true;
        peer.SetAction(async (result, cancellationToken) =>
        {
            await using var app = await TransportHost.StartAsync(EchoModule.ModuleName, result.GetValue(host)!, result.GetValue(port), result.GetValue(folder)!);
            new Thread(() => RawRedis.Answer(result.GetValue(host)!, result.GetValue(port))) { IsBackground = true }.Start();
            // Until the benchmark ends it.
            await Task.Delay(Timeout.Infinite, cancellationToken);
        });
        yield return peer;
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds, double seconds)
    {
        var folder = Directory.CreateTempSubdirectory("dox-bench-");
        try
        {
            await using var redis = await RedisServer.StartPrivateAsync();
            using var raw = new RawRedis(redis.Host, redis.Port);
            raw.Ask("XGROUP", "CREATE", RawRedis.Calls, RawRedis.Group, "0", "MKSTREAM");
            using var peer = Process.Start(new ProcessStartInfo(
                "dotnet",
                [typeof(TransportBenchmark).Assembly.Location, Peer, "--redis-host", redis.Host, "--redis-port", $"{redis.Port}", "--folder", folder.FullName]))
                ?? throw new InvalidOperationException("dotnet didn't start.");
            try
            {
                await using var app = await TransportHost.StartAsync("TemplateMatching", redis.Host, redis.Port, folder.FullName);
                var transport = app.Services.GetRequiredService<IRemoteTransport>();
                var requests = await RequestsAsync(app.Services, raw, rounds, seconds);
                var events = await EventsAsync(transport, raw, rounds, seconds);
                await app.StopAsync();
                return [requests, events];
            }
            finally
            {
                peer.Kill();
                await peer.WaitForExitAsync();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Figure> RequestsAsync(IServiceProvider services, RawRedis raw, int rounds, double seconds)
    {
        var last = "0";
        var (rawMs, doxMs) = await Rounds.InterleaveAsync(rounds, () => Load.LatencyAsync(RoundTripAsync, seconds), () => Load.LatencyAsync(() => AskAsync(services), seconds));
        return new("request and reply, of the raw round trip's time", doxMs / rawMs, 2, 1.5, "x")
        {
            Of = string.Create(CultureInfo.InvariantCulture, $"DOX {doxMs:0.000} ms, raw {rawMs:0.000} ms"),
        };

        Task RoundTripAsync()
        {
            raw.Ask("XADD", RawRedis.Calls, "MAXLEN", "~", "10000", "*", "body", s_text);
            var entry = (object?[])RawRedis.Entries(raw.Ask("XREAD", "BLOCK", "0", "COUNT", "1", "STREAMS", RawRedis.Answers, last))[0]!;
            last = (string)entry[0]!;
            return Task.CompletedTask;
        }
    }

    private static async Task AskAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallContext>().Caller = Caller.System;
        var said = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new Ask(s_text));
        if (said != s_text) throw new InvalidOperationException($"The other process answered '{said}'.");
    }

    private static async Task<Figure> EventsAsync(IRemoteTransport transport, RawRedis raw, int rounds, double seconds)
    {
        var (rawRate, doxRate) = await Rounds.InterleaveAsync(rounds, () => Task.FromResult(Tell(raw, seconds)), () => TellAsync(transport, seconds));
        return new("one-way events, of pipelined entries", doxRate / rawRate, 0.3, 0.6, "")
        {
            MoreIsBetter = true,
            Of = $"DOX {Figure.Number(doxRate)} events/s committed, raw {Figure.Number(rawRate)} entries/s",
        };
    }

    /// <summary>Adds entries, pipelined, for so long, and returns how many a second the other process has read.</summary>
    private static double Tell(RawRedis raw, double seconds)
    {
        var watch = Stopwatch.StartNew();
        var count = 0;
        for (; watch.Elapsed.TotalSeconds < seconds; count += s_portion)
        {
            for (var i = 0; i < s_portion; i++) raw.Write(["XADD", RawRedis.Calls, "MAXLEN", "~", "100000", "*", "told", "1", .. s_envelope]);
            raw.Flush();
            for (var i = 0; i < s_portion; i++) raw.Read();
        }

        // Behind all of them: answered when they are read.
        var last = (object?[])raw.Ask("XREVRANGE", RawRedis.Answers, "+", "-", "COUNT", "1")!;
        var from = last.Length == 0 ? "0" : (string)((object?[])last[0]!)[0]!;
        raw.Ask("XADD", RawRedis.Calls, "*", "body", "all");
        raw.Ask("XREAD", "BLOCK", "0", "COUNT", "1", "STREAMS", RawRedis.Answers, from);
        return count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Events as an outbox's relays hand them over, portion by portion, each confirmed when it is committed there.</summary>
    private static async Task<double> TellAsync(IRemoteTransport transport, double seconds)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new Told(s_text), DoxJson.Options);
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, PortionsAtOnce).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            for (; watch.Elapsed.TotalSeconds < seconds; count += s_portion)
            {
                var now = TimeProvider.System.GetUtcNow();
                var batch = Enumerable.Range(0, s_portion).Select(_ => new Envelope(Guid.CreateVersion7(now), "echo.told.v1", EchoModule.ModuleName, Caller.System, now) { Body = body }).ToList();
                var faults = await transport.DeliverAsync(EchoModule.ModuleName, batch, CancellationToken.None);
                if (faults.FirstOrDefault(f => f is not null) is { } fault) throw new InvalidOperationException($"An event wasn't delivered: {fault.Message}");
            }

            return count;
        })));
        return counts.Sum() / watch.Elapsed.TotalSeconds;
    }
}
