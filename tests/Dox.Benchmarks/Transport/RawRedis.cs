using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Dox.Benchmarks.Transport;

/// <summary>The limit: a connection to Redis, its commands written and its replies read by hand, on one thread.</summary>
internal sealed class RawRedis : IDisposable
{
    public const string Calls = "raw:calls";
    public const string Answers = "raw:answers";
    public const string Group = "raw";

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly BufferedStream _stream;

    public RawRedis(string host, int port)
    {
        _socket.Connect(host, port);
        _stream = new(new NetworkStream(_socket), 64 * 1024);
    }

    /// <summary>Writes a command; nothing is sent before <see cref="Flush"/>.</summary>
    public void Write(params ReadOnlySpan<string> arguments)
    {
        Ascii(string.Create(CultureInfo.InvariantCulture, $"*{arguments.Length}\r\n"));
        foreach (var argument in arguments) Ascii(string.Create(CultureInfo.InvariantCulture, $"${argument.Length}\r\n{argument}\r\n"));
    }

    public void Flush() => _stream.Flush();

    /// <summary>The next reply: a text, a list of replies, or null.</summary>
    public object? Read()
    {
        var line = Line();
        switch (line[0])
        {
            case '-': throw new InvalidOperationException($"Redis said {line}");
            case '*':
                var count = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
                if (count < 0) return null;
                var items = new object?[count];
                for (var i = 0; i < count; i++) items[i] = Read();
                return items;
            case '$':
                var length = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
                if (length < 0) return null;
                var text = new byte[length + 2];
                _stream.ReadExactly(text);
                return Encoding.ASCII.GetString(text, 0, length);
            default: return line[1..];
        }
    }

    public object? Ask(params ReadOnlySpan<string> arguments)
    {
        Write(arguments);
        Flush();
        return Read();
    }

    /// <summary>The entries of the first stream of a read's reply.</summary>
    public static object?[] Entries(object? reply) => reply is object?[] streams ? (object?[])((object?[])streams[0]!)[1]! : [];

    /// <summary>Answers each call until it is killed; what is only told it reads. All of it is acknowledged, as whatever mustn't get lost is.</summary>
    public static void Answer(string host, int port)
    {
        using var redis = new RawRedis(host, port);
        while (true)
        {
            var entries = Entries(redis.Ask("XREADGROUP", "GROUP", Group, "peer", "COUNT", "256", "BLOCK", "0", "STREAMS", Calls, ">"));
            if (entries.Length == 0) continue;
            var ids = entries.Select(e => (string)((object?[])e!)[0]!).ToList();
            var calls = entries.Select(e => (object?[])((object?[])e!)[1]!).Where(fields => (string)fields[0]! != "told").ToList();
            foreach (var fields in calls) redis.Write("XADD", Answers, "MAXLEN", "~", "10000", "*", "body", (string)fields[1]!);
            redis.Write(["XACK", Calls, Group, .. ids]);
            redis.Flush();
            for (var i = 0; i <= calls.Count; i++) redis.Read();
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private void Ascii(string text) => _stream.Write(Encoding.ASCII.GetBytes(text));

    private string Line()
    {
        var line = new StringBuilder();
        for (var next = _stream.ReadByte(); next != '\r'; next = _stream.ReadByte())
        {
            if (next < 0) throw new EndOfStreamException("Redis closed the connection.");
            line.Append((char)next);
        }

        _stream.ReadByte();
        return line.ToString();
    }
}
