using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dox.Testing.Servers;

namespace Dox.Validation.Tests.Hosting;

/// <summary>A clamd that can be made to misbehave. As it stands it finds the test virus where that stands openly, and looks into no archive.</summary>
internal sealed class FakeClamd : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<byte[]> _scanned = new();
    private readonly ConcurrentDictionary<Task, bool> _serving = new();
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private Socket _listener;
    private Task _accepting;
    private int _connections;

    public FakeClamd(string? unixSocket = null)
    {
        EndPoint at = unixSocket is null ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(unixSocket);
        (_listener, _accepting) = Listen(at);
    }

    public int Port { get; private set; }

    public string Version { get; set; } = "ClamAV 1.4.6/27812/Tue Nov 24 09:26:11 2026";

    /// <summary>What it replies to a stream; an empty one: nothing, it closes.</summary>
    public Func<byte[], string> Judge { get; set; } = content =>
        content.AsSpan().IndexOf(TestVirus.ToBytes()) >= 0 ? "stream: Eicar FOUND\0"
        : content.AsSpan().StartsWith("PK"u8) ? "stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND\0"
        : "stream: OK\0";

    /// <summary>Takes a connection over before anything is read of it.</summary>
    public Func<Socket, CancellationToken, Task>? Hijack { get; set; }

    /// <summary>It closes the connection after so many bytes of a stream.</summary>
    public int Cut { get; set; } = int.MaxValue;

    /// <summary>Connections that it took.</summary>
    public int Connections => _connections;

    /// <summary>Every stream that it got to its end.</summary>
    public IReadOnlyList<byte[]> Scanned => [.. _scanned];

    /// <summary>As a daemon that ends: nobody is heard any more, and whom it heard is cut off.</summary>
    public async Task StopListeningAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var socket in _open.Keys) socket.Dispose();
    }

    public void ListenAgain() => (_listener, _accepting) = Listen(new IPEndPoint(IPAddress.Loopback, Port));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await StopListeningAsync();
        await Task.WhenAll(_serving.Keys);
        _stop.Dispose();
    }

    private (Socket Listener, Task Accepting) Listen(EndPoint at)
    {
        var listener = new Socket(at.AddressFamily, SocketType.Stream, at is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        if (at is IPEndPoint) listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(at);
        listener.Listen();
        Port = (listener.LocalEndPoint as IPEndPoint)?.Port ?? 0;
        return (listener, AcceptAsync(listener));
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _serving.TryAdd(ServeAsync(socket), true);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Stopped
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            _open.TryAdd(socket, true);
            using (socket)
            {
                if (Hijack is { } hijack)
                {
                    await hijack(socket, _stop.Token);
                    return;
                }

                await using var stream = new NetworkStream(socket);
                var session = false;
                for (var number = 0; await ReadCommandAsync(stream) is { } command;)
                {
                    if (command == "zIDSESSION")
                    {
                        session = true;
                        continue;
                    }

                    var reply = command switch
                    {
                        "zPING" => "PONG\0",
                        "zVERSION" => Version + "\0",
                        "zSTATS" => "POOLS: 1\n\nSTATE: VALID PRIMARY\nTHREADS: live 1  idle 0 max 12 idle-timeout 30\nQUEUE: 0 items\nEND\0",
                        "zINSTREAM" => Judge(await ReadStreamAsync(stream)),
                        _ => "UNKNOWN COMMAND\0",
                    };
                    if (session && reply.Length > 0) reply = $"{++number}: {reply}";
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(reply), _stop.Token);
                    if (!session || reply.Length == 0) return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The other side went away, or this one
        }
        finally
        {
            _open.TryRemove(socket, out _);
        }
    }

    private async Task<string?> ReadCommandAsync(NetworkStream stream)
    {
        var command = new StringBuilder();
        var next = new byte[1];
        while (await stream.ReadAsync(next, _stop.Token) == 1)
        {
            if (next[0] == 0) return command.ToString();
            command.Append((char)next[0]);
        }

        return null;
    }

    private async Task<byte[]> ReadStreamAsync(NetworkStream stream)
    {
        using var content = new MemoryStream();
        var header = new byte[4];
        while (true)
        {
            await stream.ReadExactlyAsync(header, _stop.Token);
            var length = BinaryPrimitives.ReadInt32BigEndian(header);
            if (length == 0) break;
            if (content.Length + length > Cut) throw new IOException("Cut off.");
            var chunk = new byte[length];
            await stream.ReadExactlyAsync(chunk, _stop.Token);
            content.Write(chunk);
        }

        _scanned.Enqueue(content.ToArray());
        return content.ToArray();
    }
}
