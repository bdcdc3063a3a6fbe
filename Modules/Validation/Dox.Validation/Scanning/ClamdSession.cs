using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Dox.Validation.Scanning;

/// <summary>
/// A connection to clamd over which one command follows the other (<c>IDSESSION</c>): setting one up costs a small file more than its scan.
/// After anything but a whole reply it is of no use.
/// </summary>
internal sealed class ClamdSession(Socket socket) : IDisposable
{
    private const int ChunkSize = 256 * 1024 - 64;
    private const int LengthSize = 4;
    private const int LongestReply = 4096;

    private int _commands;

    /// <summary>Whether the last command was answered in full, so that another one may follow.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>Whether an earlier command went over it: clamd may have closed it since then.</summary>
    public bool IsOld => _commands > 0;

    /// <summary>When it was last used. UTC.</summary>
    public DateTimeOffset UsedAt { get; set; }

    public void Dispose() => socket.Dispose();

    /// <summary>Has the content scanned, from where it stands to its end.</summary>
    /// <returns>clamd's words.</returns>
    public async Task<string> ScanAsync(Stream content, CancellationToken cancellationToken)
    {
        IsUsable = false;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // clamd may answer before it has everything, and closes then: what it said must be read while we still write.
        var reply = ReadAsync(cancellationToken);
        var sending = SendAsync(content, enough.Token);
        if (await Task.WhenAny(sending, reply) == reply) await enough.CancelAsync();
        var sentAll = false;
        try
        {
            await sending;
            sentAll = true;
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

        var words = WithoutNumber(await reply, ++_commands);
        IsUsable = sentAll;
        return words;
    }

    private async Task SendAsync(Stream content, CancellationToken cancellationToken)
    {
        var command = IsOld ? "zINSTREAM\0"u8.ToArray() : "zIDSESSION\0zINSTREAM\0"u8.ToArray();
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

                for (var bytes = buffer.AsMemory(0, used); bytes.Length > 0;) bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
                if (last) return;
                used = 0;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        var reply = new byte[LongestReply];
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(reply.AsMemory(length), cancellationToken);
            if (read == 0) throw new ClamdException(ClamdFailure.Dropped, "The scanner closes the connection without an answer.");
            length += read;
            if (reply.AsSpan(0, length).IndexOf((byte)0) is var end and >= 0)
                // One command, one reply: more would be taken for the next command's
                return end == length - 1 ? Encoding.UTF8.GetString(reply, 0, end) : throw Garbage();
            if (length == reply.Length) throw Garbage();
        }
    }

    // "3: stream: OK" answers the third command, and no other
    private static string WithoutNumber(string reply, int number)
    {
        var prefix = number.ToString(CultureInfo.InvariantCulture) + ": ";
        return reply.StartsWith(prefix, StringComparison.Ordinal) ? reply[prefix.Length..] : throw Garbage();
    }

    internal static ClamdException Garbage() => new(ClamdFailure.Garbage, "What answers as the scanner isn't clamd, or is broken.");
}
