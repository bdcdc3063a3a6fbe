using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Dox.Validation.Scanning;

/// <summary>clamd's protocol, NUL-terminated (<c>z…</c>): a connection for each question, and kept ones for scans.</summary>
internal sealed class ClamdClient(ClamdAddress address, TimeSpan connectLimit, TimeSpan replyLimit, TimeProvider clock) : IDisposable
{
    private const int LongestReply = 4096;

    // clamd closes what is silent for 30 s, as it is set up usually
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10);

    private readonly ConcurrentStack<ClamdSession> _idle = new();
    private volatile bool _disposed;

    public ClamdAddress Address => address;

    /// <exception cref="ClamdException">It doesn't answer as clamd does.</exception>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        if (await AskAsync("PING", cancellationToken) != "PONG") throw ClamdSession.Garbage();
    }

    /// <exception cref="ClamdException">It doesn't answer as clamd does.</exception>
    public async Task<ClamdVersion> VersionAsync(CancellationToken cancellationToken) =>
        ClamdVersion.Parse(await AskAsync("VERSION", cancellationToken)) ?? throw ClamdSession.Garbage();

    /// <summary>clamd's own account of its threads and queue, as text.</summary>
    /// <exception cref="ClamdException">It doesn't answer as clamd does.</exception>
    public async Task<string> StatsAsync(CancellationToken cancellationToken) =>
        await AskAsync("STATS", cancellationToken) is var stats && stats.StartsWith("POOLS:", StringComparison.Ordinal) ? stats : throw ClamdSession.Garbage();

    /// <summary>Has the content scanned, from where it stands to its end.</summary>
    /// <exception cref="ClamdException">There is no verdict.</exception>
    public Task<ClamdReply> ScanAsync(Stream content, CancellationToken cancellationToken) => WithinAsync(replyLimit, async limit =>
    {
        // Only what can be sent again goes over a connection that clamd may have closed
        var session = content.CanSeek && TakeIdle() is { } idle ? idle : await OpenAsync(limit);
        var start = content.CanSeek ? content.Position : 0;
        try
        {
            return Parse(await session.ScanAsync(content, limit));
        }
        catch (Exception e) when (session.IsOld && (e is SocketException || e is ClamdException { Failure: ClamdFailure.Dropped }))
        {
            session.Dispose();
            session = await OpenAsync(limit);
            content.Position = start;
            return Parse(await session.ScanAsync(content, limit));
        }
        finally
        {
            PutBack(session);
        }
    }, cancellationToken);

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryPop(out var session)) session.Dispose();
    }

    private static ClamdReply Parse(string words) => ClamdReply.Parse(words) ?? throw ClamdSession.Garbage();

    private ClamdSession? TakeIdle()
    {
        while (_idle.TryPop(out var session))
        {
            if (clock.GetUtcNow() - session.UsedAt < s_idle) return session;
            session.Dispose();
        }

        return null;
    }

    private async Task<ClamdSession> OpenAsync(CancellationToken cancellationToken) => new(await ConnectAsync(cancellationToken));

    private void PutBack(ClamdSession session)
    {
        if (!session.IsUsable || _disposed)
        {
            session.Dispose();
            return;
        }

        session.UsedAt = clock.GetUtcNow();
        _idle.Push(session);
        if (_disposed) Dispose();
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
            throw new ClamdException(ClamdFailure.Unreachable, "There is no scanner: is clamd running, and reachable from here?", e);
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
    }

    private static async Task<string> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var reply = new byte[LongestReply];
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(reply.AsMemory(length), cancellationToken);
            if (read == 0) throw new ClamdException(ClamdFailure.Dropped, "The scanner closes the connection without an answer.");
            length += read;
            if (reply.AsSpan(0, length).IndexOf((byte)0) is var end and >= 0) return Encoding.UTF8.GetString(reply, 0, end);
            if (length == reply.Length) throw ClamdSession.Garbage();
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
            throw new ClamdException(ClamdFailure.TimedOut, $"The scanner doesn't answer within {limit.TotalSeconds} s.");
        }
        catch (SocketException e)
        {
            throw new ClamdException(ClamdFailure.Dropped, "The scanner drops the connection.", e);
        }
    }
}

internal enum ClamdFailure
{
    Unreachable,
    TimedOut,
    Dropped,
    Garbage,
}

/// <summary>clamd gave no verdict. The message names no address: <c>/health</c> tells it to everybody.</summary>
internal sealed class ClamdException(ClamdFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public ClamdFailure Failure { get; } = failure;
}
