using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Dox.Benchmarks.Uploads;

/// <summary>The limit: a file sent to clamd over a connection of its own, and nothing else done with it.</summary>
internal static class RawClamd
{
    private const int ChunkSize = 64 * 1024;

    public static async Task ScanAsync(string host, int port, byte[] file)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host, port);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("zINSTREAM\0"u8.ToArray());
        var chunk = new byte[4 + ChunkSize];
        for (var at = 0; at < file.Length; at += ChunkSize)
        {
            var length = Math.Min(ChunkSize, file.Length - at);
            BinaryPrimitives.WriteInt32BigEndian(chunk, length);
            file.AsSpan(at, length).CopyTo(chunk.AsSpan(4));
            await stream.WriteAsync(chunk.AsMemory(0, 4 + length));
        }

        await stream.WriteAsync(new byte[4]);
        var reply = new byte[256];
        var read = await stream.ReadAtLeastAsync(reply, "stream: OK\0".Length, throwOnEndOfStream: false);
        if (Encoding.ASCII.GetString(reply, 0, read) is not "stream: OK\0" and var said) throw new InvalidOperationException($"clamd said {said}");
    }
}
