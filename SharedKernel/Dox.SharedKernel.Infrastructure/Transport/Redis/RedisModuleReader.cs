using System.Collections.Concurrent;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

/// <summary>
/// Hears one stream for a module of this process: what is asked of it, or what another module tells. An entry is acknowledged only once it is
/// dealt with: Redis never sends it again by itself, it stays pending until somebody takes it over.
/// </summary>
internal sealed class RedisModuleReader(
    string module, string stream, RedisConnections connections, RequestDispatcher requests, DeliveryDispatcher deliveries, TimeProvider clock,
    ILogger<RedisModuleReader> log) : BackgroundService
{
    private const int BatchSize = 512;
    private const int MostAskers = 1_000;
    private static readonly TimeSpan s_repliesLast = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_tellAgain = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _expire = new(StringComparer.Ordinal);
    private readonly string _consumer = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
    private readonly SemaphoreSlim _room = new(connections.Options.Concurrency);

    public override void Dispose()
    {
        _room.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var reader = await connections.ReaderAsync($"{module}-{stream}");
        var nextTakeOver = DateTimeOffset.MinValue;
        await EnsureGroupAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (clock.GetUtcNow() >= nextTakeOver)
                {
                    nextTakeOver = clock.GetUtcNow() + (connections.Options.TakeOverAfter / 4);
                    await HandleAsync(await TakeOverAsync(), stoppingToken);
                }

                await HandleAsync(await BlockingReads.ReadGroupAsync(reader, stream, module, _consumer, BatchSize).WaitAsync(stoppingToken), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (RedisServerException e) when (e.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
            {
                // Redis lost its memory: whoever waits for an answer asks again.
                await EnsureGroupAsync(stoppingToken);
            }
            catch (Exception e)
            {
                log.LogWarning(e, "{Stream} can't be read for {Module}; trying again", stream, module);
                await Task.Delay(TimeSpan.FromMilliseconds(500), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        // What is under way is answered before the process goes.
        for (var i = 0; i < connections.Options.Concurrency; i++)
        {
            if (!await _room.WaitAsync(TimeSpan.FromSeconds(5), CancellationToken.None)) return;
        }
    }

    private async Task EnsureGroupAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await (await connections.SharedAsync()).StreamCreateConsumerGroupAsync(stream, module, StreamPosition.Beginning);
                return;
            }
            catch (RedisServerException e) when (e.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
            {
                return;
            }
            catch (Exception e) when (e is RedisException or RedisTimeoutException)
            {
                log.LogWarning("Redis is away: {Error}", e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<StreamEntry[]> TakeOverAsync()
    {
        var database = await connections.SharedAsync();
        var claimed = await database.StreamAutoClaimAsync(
            stream, module, _consumer, (long)connections.Options.TakeOverAfter.TotalMilliseconds, StreamPosition.Beginning, BatchSize);
        return [.. claimed.ClaimedEntries.Where(e => !e.IsNull)];
    }

    private async Task HandleAsync(StreamEntry[] entries, CancellationToken cancellationToken)
    {
        var oneWay = new List<Delivered>();
        var messages = 0;
        foreach (var entry in entries)
        {
            if (await ReadAsync(entry) is not { } delivered) continue;
            if (!string.Equals(delivered.To, module, StringComparison.OrdinalIgnoreCase)) await SkipAsync(entry.Id);
            else if (!delivered.OneWay) await AnswerSoonAsync(delivered, cancellationToken);
            else
            {
                oneWay.Add(delivered);
                messages += delivered.Envelopes.Count;
                if (messages < BatchSize) continue;
                await CommitAsync(oneWay, cancellationToken);
                oneWay.Clear();
                messages = 0;
            }
        }

        if (oneWay.Count > 0) await CommitAsync(oneWay, cancellationToken);
    }

    private async Task CommitAsync(List<Delivered> oneWay, CancellationToken cancellationToken)
    {
        var faults = await deliveries.HandleAsync(module, [.. oneWay.SelectMany(d => d.Envelopes)], cancellationToken);
        var committed = new List<Delivered>(oneWay.Count);
        var first = 0;
        foreach (var delivered in oneWay)
        {
            var own = faults.Skip(first).Take(delivered.Envelopes.Count).ToList();
            first += own.Count;
            if (own.TrueForAll(f => f is null)) committed.Add(delivered);
            else await ReplyAsync(delivered, EnvelopeFields.Faults(own));
        }

        if (committed.Count > 0) await ConfirmAsync(committed);
    }

    /// <summary>Tells the senders that these were committed: an entry for each sender, and one acknowledgement for all.</summary>
    private async Task ConfirmAsync(List<Delivered> committed)
    {
        var database = await connections.SharedAsync();
        var asked = new Dictionary<string, List<Guid>>(StringComparer.Ordinal);
        foreach (var delivered in committed)
        {
            if (ReplyTo(delivered) is not var (replies, correlation)) continue;
            if (!asked.TryGetValue(replies, out var ids)) asked[replies] = ids = [];
            ids.Add(correlation);
        }

        foreach (var (replies, ids) in asked) await AnswerAsync(database, replies, EnvelopeFields.WriteConfirmed(ids));
        await AcknowledgeAsync([.. committed.Select(d => d.EntryId)]);
    }

    /// <summary>Reads an entry; one that can't be read is put aside first, then acknowledged.</summary>
    private async Task<Delivered?> ReadAsync(StreamEntry entry)
    {
        try
        {
            return EnvelopeFields.Read(entry);
        }
        catch (FormatException e)
        {
            log.LogError("{Module} put an unreadable entry of {Stream} aside: {Error}", module, stream, e.Message);
            var database = await connections.SharedAsync();
            await database.StreamAddAsync(
                StreamKeys.Dead(connections.Options.Prefix, module),
                [.. entry.Values, new("dead_reason", e.Message), new("dead_stream", stream), new("dead_entry", entry.Id)], maxLength: 10_000, useApproximateMaxLength: true);
            await AcknowledgeAsync(entry.Id);
            return null;
        }
    }

    private async Task AnswerSoonAsync(Delivered delivered, CancellationToken cancellationToken)
    {
        if (delivered.Request.Deadline <= clock.GetUtcNow())
        {
            await AcknowledgeAsync(delivered.EntryId);
            return;
        }

        await _room.WaitAsync(cancellationToken);
        _ = AnswerAsync(delivered);
    }

    private async Task AnswerAsync(Delivered delivered)
    {
        try
        {
            await ReplyAsync(delivered, await requests.HandleAsync(module, delivered.Request, CancellationToken.None));
        }
        catch (Exception e)
        {
            // Not acknowledged: it is taken over, here or by another replica.
            log.LogError(e, "{Module} couldn't answer {Message}", module, delivered.Request.Name);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task ReplyAsync(Delivered delivered, Reply reply)
    {
        var database = await connections.SharedAsync();
        if (ReplyTo(delivered) is var (replies, correlation)) await AnswerAsync(database, replies, EnvelopeFields.Write(correlation, reply));
        await AcknowledgeAsync(delivered.EntryId);
    }

    private static (string Stream, Guid Correlation)? ReplyTo(Delivered delivered) =>
        delivered.ReplyTo.Split('|', 2) is [var stream, var id] && Guid.TryParseExact(id, "N", out var correlation) ? (stream, correlation) : null;

    private async Task AnswerAsync(IDatabase database, string replies, NameValueEntry[] fields)
    {
        await database.StreamAddAsync(replies, fields, maxLength: 10_000, useApproximateMaxLength: true);
        // Whoever asked may be gone for good: nobody would ever read or drop its stream. Told anew now and then, not with each answer.
        var now = clock.GetUtcNow();
        if (_expire.TryGetValue(replies, out var told) && now - told < s_tellAgain) return;
        if (_expire.Count >= MostAskers) _expire.Clear();
        _expire[replies] = now;
        await database.KeyExpireAsync(replies, s_repliesLast);
    }

    /// <summary>What another module is told is none of this one's business.</summary>
    private async Task SkipAsync(RedisValue entry) => await (await connections.SharedAsync()).StreamAcknowledgeAsync(stream, module, entry);

    // An entry is for one module alone: dealt with, nobody else reads it, and kept it would only fill Redis until newer ones push it out.
    private async Task AcknowledgeAsync(params RedisValue[] entries)
    {
        // Nobody waits for it: where it gets lost the entry is taken over; the inbox knows what was committed, and a request is too late by then.
        var database = await connections.SharedAsync();
        await database.StreamAcknowledgeAsync(stream, module, entries, CommandFlags.FireAndForget);
        await database.StreamDeleteAsync(stream, entries, CommandFlags.FireAndForget);
    }
}
