using System.Collections.Concurrent;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

/// <summary>
/// Asks modules in other processes, over Redis streams, and hears their answers on a stream of this process's own. A one-way message is
/// confirmed by an answer too, once its subscriber committed it: Redis may lose its memory, the outbox doesn't.
/// </summary>
internal sealed class RedisTransport(
    RedisConnections connections, MessageCatalog catalog, IOptions<TransportOptions> options, TimeProvider clock, ILogger<RedisTransport> log)
    : BackgroundService, IRemoteTransport
{
    private const int LargestPortion = 256 * 1024;

    private readonly string _node = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<Reply>> _waiting = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Prefix => connections.Options.Prefix;

    private string Replies => StreamKeys.Replies(Prefix, _node);

    public async Task<Reply> RequestAsync(string module, Envelope envelope, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var left = (envelope.Deadline ?? now + options.Value.RequestTimeout) - now;
        if (left <= TimeSpan.Zero) throw TooLate();
        var answer = Expect(envelope.Id);
        using var late = new CancellationTokenSource(left, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await _listening.Task.WaitAsync(stop.Token);
            var database = await connections.SharedAsync().WaitAsync(stop.Token);
            await AddAsync(database, StreamKeys.Commands(Prefix, module), EnvelopeFields.Write(envelope, module, ReplyTo(envelope.Id))).WaitAsync(stop.Token);
            return await answer.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TooLate();
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            throw Away(module, e);
        }
        finally
        {
            _waiting.TryRemove(envelope.Id, out _);
        }

        DoxException TooLate() => DoxException.TimedOut($"{module} didn't answer {envelope.Name} in time.");
    }

    public async Task<IReadOnlyList<Fault?>> DeliverAsync(string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken)
    {
        // The deadline is one for all of them; and a portion that Redis lost on the way says nothing of the others: some of them may be confirmed.
        using var late = new CancellationTokenSource(options.Value.DeliveryTimeout, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var portions = Portions(module, batch);
        var faults = new Fault?[batch.Count];
        try
        {
            await _listening.Task.WaitAsync(stop.Token);
            var database = await connections.SharedAsync().WaitAsync(stop.Token);
            var added = portions.ConvertAll(p => AddAsync(database, p.Stream, EnvelopeFields.Write(p.Members.Select(i => batch[i]), module, ReplyTo(p.Correlation))));
            for (var p = 0; p < portions.Count; p++) await ConfirmAsync(portions[p], added[p]);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Not even sent: as long as Redis is away nobody listens.
            for (var i = 0; i < faults.Length; i++) faults[i] = Unconfirmed(module, batch[i]);
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            Array.Fill(faults, Fault.Undelivered(Away(module, e)));
        }
        finally
        {
            foreach (var portion in portions) _waiting.TryRemove(portion.Correlation, out _);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return faults;

        async Task ConfirmAsync(Portion portion, Task sent)
        {
            try
            {
                await sent.WaitAsync(stop.Token);
                var told = EnvelopeFields.ReadFaults(await portion.Answer.WaitAsync(stop.Token));
                for (var i = 0; i < told.Count; i++) faults[portion.Members[i]] = told[i];
            }
            catch (OperationCanceledException)
            {
                foreach (var i in portion.Members) faults[i] = Unconfirmed(module, batch[i]);
            }
            catch (Exception e) when (e is RedisException or RedisTimeoutException)
            {
                foreach (var i in portion.Members) faults[i] = Fault.Undelivered(Away(module, e));
            }
        }
    }

    /// <summary>What goes over one stream, in its order, in entries that aren't too large for Redis to move at once.</summary>
    private List<Portion> Portions(string module, IReadOnlyList<Envelope> batch)
    {
        var now = clock.GetUtcNow();
        var portions = new List<Portion>();
        foreach (var ofStream in Enumerable.Range(0, batch.Count).GroupBy(i => StreamOf(batch[i]), StringComparer.Ordinal))
        {
            var bytes = 0;
            foreach (var i in ofStream)
            {
                // A delivery goes to one subscriber, yet a message's id is the same for all of them.
                if (bytes == 0) portions.Add(Begin(ofStream.Key));
                portions[^1].Members.Add(i);
                bytes += 1 + batch[i].Body.Length;
                if (bytes > LargestPortion) bytes = 0;
            }
        }

        return portions;

        string StreamOf(Envelope envelope) =>
            catalog.Find(envelope.Name) is { Kind: MessageKind.Event } ? StreamKeys.Events(Prefix, envelope.From) : StreamKeys.Commands(Prefix, module);

        Portion Begin(string stream)
        {
            var correlation = Guid.CreateVersion7(now);
            return new(stream, correlation, Expect(correlation), []);
        }
    }

    private static Fault Unconfirmed(string module, Envelope envelope) => Fault.Undelivered(DoxException.TimedOut($"{module} didn't confirm {envelope.Name} in time."));

    private static DoxException Away(string module, Exception e) => DoxException.Unavailable("transport_away", $"{module} can't be reached: Redis doesn't answer.", e);

    private Task<Reply> Expect(Guid correlation)
    {
        var answer = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[correlation] = answer;
        return answer.Task;
    }

    private string ReplyTo(Guid correlation) => $"{Replies}|{correlation:N}";

    private static Task<RedisValue> AddAsync(IDatabase database, string stream, NameValueEntry[] fields) =>
        database.StreamAddAsync(stream, fields, maxLength: 100_000, useApproximateMaxLength: true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var reader = await connections.ReaderAsync("replies");
        RedisValue last = "0";
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var pending = BlockingReads.ReadAsync(reader, Replies, last, 256);
                _listening.TrySetResult();
                foreach (var entry in await pending.WaitAsync(stoppingToken))
                {
                    last = entry.Id;
                    foreach (var (id, reply) in EnvelopeFields.ReadReplies(entry))
                    {
                        // Nobody waits any more: the answer came too late, and its asker was told so.
                        if (_waiting.TryRemove(id, out var waiting)) waiting.TrySetResult(reply);
                    }
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A Redis that lost its memory may count from an earlier moment: whatever the stream holds is looked at again.
                last = "0";
                log.LogWarning(e, "Answers can't be read from Redis; trying again");
                await Task.Delay(TimeSpan.FromMilliseconds(500), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One-way messages that share an entry; the members are their places in the batch.</summary>
    private sealed record Portion(string Stream, Guid Correlation, Task<Reply> Answer, List<int> Members);
}
