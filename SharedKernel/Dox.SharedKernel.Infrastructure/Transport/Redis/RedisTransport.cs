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
            await AddAsync(database, StreamKeys.Commands(Prefix, module), envelope, module, envelope.Id, oneWay: false).WaitAsync(stop.Token);
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
        // A delivery goes to one subscriber, yet its id is the same for all of them.
        var now = clock.GetUtcNow();
        var sent = batch.Select(envelope => (Envelope: envelope, Correlation: Guid.CreateVersion7(now))).ToList();
        var answers = sent.ConvertAll(s => Expect(s.Correlation));
        // The deadline is one for all of them; and one that Redis lost on the way says nothing of the others: some of them may be confirmed.
        using var late = new CancellationTokenSource(options.Value.DeliveryTimeout, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var faults = new Fault?[batch.Count];
        try
        {
            await _listening.Task.WaitAsync(stop.Token);
            var database = await connections.SharedAsync().WaitAsync(stop.Token);
            var added = sent.ConvertAll(s =>
            {
                var isEvent = catalog.Find(s.Envelope.Name) is { Kind: MessageKind.Event };
                return AddAsync(database, isEvent ? StreamKeys.Events(Prefix, s.Envelope.From) : StreamKeys.Commands(Prefix, module), s.Envelope, module, s.Correlation, oneWay: true);
            });
            for (var i = 0; i < sent.Count; i++) faults[i] = await ConfirmedAsync(module, sent[i].Envelope, added[i], answers[i], stop.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Not even sent: as long as Redis is away nobody listens.
            for (var i = 0; i < faults.Length; i++) faults[i] = Unconfirmed(module, sent[i].Envelope);
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            Array.Fill(faults, Fault.Undelivered(Away(module, e)));
        }
        finally
        {
            foreach (var (_, correlation) in sent) _waiting.TryRemove(correlation, out _);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return faults;
    }

    private static async Task<Fault?> ConfirmedAsync(string module, Envelope envelope, Task added, Task<Reply> answer, CancellationToken stop)
    {
        try
        {
            await added.WaitAsync(stop);
            return (await answer.WaitAsync(stop)).Fault;
        }
        catch (OperationCanceledException)
        {
            return Unconfirmed(module, envelope);
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            return Fault.Undelivered(Away(module, e));
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

    private Task<RedisValue> AddAsync(IDatabase database, string stream, Envelope envelope, string to, Guid correlation, bool oneWay) => database.StreamAddAsync(
        stream, EnvelopeFields.Write(envelope, to, $"{Replies}|{correlation:N}", oneWay), maxLength: 100_000, useApproximateMaxLength: true);

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
}
