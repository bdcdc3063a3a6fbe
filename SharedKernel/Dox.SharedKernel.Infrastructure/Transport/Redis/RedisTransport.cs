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
        var deadline = envelope.Deadline ?? clock.GetUtcNow() + options.Value.RequestTimeout;
        var stream = StreamKeys.Commands(Prefix, module);
        return await SendAsync(stream, module, envelope, oneWay: false, deadline, cancellationToken)
            ?? throw DoxException.TimedOut($"{module} didn't answer {envelope.Name} in time.");
    }

    public async Task<IReadOnlyList<Fault?>> DeliverAsync(string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken)
    {
        var deadline = clock.GetUtcNow() + options.Value.DeliveryTimeout;
        return await Task.WhenAll(batch.Select(async envelope =>
        {
            var isEvent = catalog.Find(envelope.Name) is { Kind: MessageKind.Event };
            var stream = isEvent ? StreamKeys.Events(Prefix, envelope.From) : StreamKeys.Commands(Prefix, module);
            try
            {
                var reply = await SendAsync(stream, module, envelope, oneWay: true, deadline, cancellationToken);
                return reply is null ? Fault.Undelivered(DoxException.TimedOut($"{module} didn't confirm {envelope.Name} in time.")) : reply.Fault;
            }
            catch (DoxException e)
            {
                // One that Redis lost on the way says nothing of the others: some of them may be confirmed.
                return Fault.Undelivered(e);
            }
        }));
    }

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
                    var (id, reply) = EnvelopeFields.ReadReply(entry);
                    // Nobody waits any more: the answer came too late, and its asker was told so.
                    if (_waiting.TryRemove(id, out var waiting)) waiting.TrySetResult(reply);
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

    /// <returns>Null when no answer came in time.</returns>
    private async Task<Reply?> SendAsync(string stream, string to, Envelope envelope, bool oneWay, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var left = deadline - clock.GetUtcNow();
        if (left <= TimeSpan.Zero) return null;

        var answer = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A delivery goes to one subscriber, yet its id is the same for all of them.
        var correlation = oneWay ? Guid.CreateVersion7(clock.GetUtcNow()) : envelope.Id;
        _waiting[correlation] = answer;
        using var late = new CancellationTokenSource(left, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await _listening.Task.WaitAsync(stop.Token);
            var database = await connections.SharedAsync().WaitAsync(stop.Token);
            var fields = EnvelopeFields.Write(envelope, to, $"{Replies}|{correlation:N}", oneWay);
            await database.StreamAddAsync(stream, fields, maxLength: 100_000, useApproximateMaxLength: true).WaitAsync(stop.Token);
            return await answer.Task.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            throw DoxException.Unavailable("transport_away", $"{to} can't be reached: Redis doesn't answer.", e);
        }
        finally
        {
            _waiting.TryRemove(correlation, out _);
        }
    }
}
