using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Dox.Validation.Scanning;

/// <summary>clamd's protocol: a connection for each command, NUL-terminated (<c>z…</c>).</summary>
internal sealed class ClamdClient(ClamdAddress address, TimeSpan connectLimit, TimeSpan replyLimit, TimeProvider clock)
{
    private const int ChunkSize = 64 * 1024;
    private const int LengthSize = 4;
    private const int LongestReply = 4096;

    public ClamdAddress Address => address;

    /// <exception cref="ClamdException">It doesn't answer as clamd does.</exception>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        if (await AskAsync("PING", cancellationToken) != "PONG") throw Garbage();
    }

    /// <exception cref="ClamdException">It doesn't answer as clamd does.</exception>
    public async Task<ClamdVersion> VersionAsync(CancellationToken cancellationToken) =>
        ClamdVersion.Parse(await AskAsync("VERSION", cancellationToken)) ?? throw Garbage();

    /// <summary>clamd's own account of its threads and queue, as text.</summary>
    /// <exception cref="ClamdException">It doesn't answer as clamd does.</exception>
    public async Task<string> StatsAsync(CancellationToken cancellationToken) =>
        await AskAsync("STATS", cancellationToken) is var stats && stats.StartsWith("POOLS:", StringComparison.Ordinal) ? stats : throw Garbage();

    /// <summary>Has the content scanned, from where it stands to its end.</summary>
    /// <exception cref="ClamdException">There is no verdict.</exception>
    public Task<ClamdReply> ScanAsync(Stream content, CancellationToken cancellationToken) => WithinAsync(replyLimit, async limit =>
    {
        using var socket = await ConnectAsync(limit);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(limit);
        // clamd may answer before it has everything, and closes then: what it said must be read while we still write.
        var reply = ReadAsync(socket, limit);
        var sending = SendAsync(socket, content, enough.Token);
        if (await Task.WhenAny(sending, reply) == reply) await enough.CancelAsync();
        try
        {
            await sending;
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && reply.IsCompleted))
        {
            // It closed while we wrote, or has answered; the reply says what there is to say
        }
        catch
        {
            _ = reply.ContinueWith(static r => r.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }

        return ClamdReply.Parse(await reply) ?? throw Garbage();
    }, cancellationToken);

    private static async Task SendAsync(Socket socket, Stream content, CancellationToken cancellationToken)
    {
        var command = "zINSTREAM\0"u8.ToArray();
        var buffer = ArrayPool<byte>.Shared.Rent(command.Length + LengthSize + ChunkSize + LengthSize);
        try
        {
            command.CopyTo(buffer, 0);
            var used = command.Length;
            while (true)
            {
                // A chunk's length and its bytes leave in one write: a length of its own has been read as the next one's start before now
                var read = await content.ReadAtLeastAsync(buffer.AsMemory(used + LengthSize, ChunkSize), ChunkSize, throwOnEndOfStream: false, cancellationToken);
                BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(used), read);
                used += LengthSize + read;
                var last = read < ChunkSize;
                if (last && read > 0)
                {
                    BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(used), 0);
                    used += LengthSize;
                }

                await SendAllAsync(socket, buffer.AsMemory(0, used), cancellationToken);
                if (last) return;
                used = 0;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Task<string> AskAsync(string command, CancellationToken cancellationToken) => WithinAsync(connectLimit, async limit =>
    {
        using var socket = await ConnectAsync(limit);
        await SendAllAsync(socket, Encoding.ASCII.GetBytes($"z{command}\0"), limit);
        return await ReadAsync(socket, limit);
    }, cancellationToken);

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await WithinAsync(connectLimit, address.ConnectAsync, cancellationToken);
        }
        catch (ClamdException e)
        {
            throw new ClamdException(ClamdFailure.Unreachable, e.Message, e);
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
    }

    private async Task<string> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var reply = new byte[LongestReply];
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(reply.AsMemory(length), cancellationToken);
            if (read == 0) throw new ClamdException(ClamdFailure.Dropped, $"clamd at {address} closed the connection without an answer.");
            length += read;
            if (reply.AsSpan(0, length).IndexOf((byte)0) is var end and >= 0) return Encoding.UTF8.GetString(reply, 0, end);
            if (length == reply.Length) throw Garbage();
        }
    }

    private async Task<T> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> act, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await act(either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ClamdException(ClamdFailure.TimedOut, $"clamd at {address} didn't answer within {limit.TotalSeconds} s.");
        }
        catch (SocketException e)
        {
            throw new ClamdException(ClamdFailure.Dropped, $"clamd at {address}: {e.Message}.", e);
        }
    }

    private ClamdException Garbage() => new(ClamdFailure.Garbage, $"What answers at {address} isn't clamd, or is broken.");
}

internal enum ClamdFailure
{
    Unreachable,
    TimedOut,
    Dropped,
    Garbage,
}

/// <summary>clamd gave no verdict.</summary>
internal sealed class ClamdException(ClamdFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public ClamdFailure Failure { get; } = failure;
}
