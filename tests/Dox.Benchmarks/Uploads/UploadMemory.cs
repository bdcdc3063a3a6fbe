using System.Net;
using Dox.Testing.Processes;
using Dox.Testing.Servers;

namespace Dox.Benchmarks.Uploads;

/// <summary>The memory of the host, as it is published, while many large uploads come at once and each goes through all five steps.</summary>
internal static class UploadMemory
{
    private const int Length = 50 * 1024 * 1024;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int uploads)
    {
        var folder = Directory.CreateTempSubdirectory("dox-bench-");
        try
        {
            var program = Path.Combine(folder.FullName, "program");
            await PublishedHost.PublishAsync(program);
            await using var clamd = await ClamdServer.StartPrivateAsync();
            await using var redis = await RedisServer.StartPrivateAsync();
            var variables = UploadSettings.For(clamd, redis).ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value, StringComparer.Ordinal);
            variables["DOX_DATA_PATH"] = Path.Combine(folder.FullName, "data");
            await using var host = await HostProcess.StartAsync(variables, program);
            using var client = new HttpClient { BaseAddress = host.Client.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
            var file = new UploadFiles(Length).Next();
            await SendAsync(client, file, 0);

            var sending = Task.WhenAll(Enumerable.Range(1, uploads).Select(number => SendAsync(client, file, number)));
            var most = await WatchAsync(host, sending);
            return
            [
                new("resident memory", most / (1024.0 * 1024), 400, 200, "MB") { Of = $"{uploads} uploads of 50 MB at once; the processes that open documents come on top" },
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<long> WatchAsync(HostProcess host, Task sending)
    {
        var most = 0L;
        using var look = new PeriodicTimer(s_look);
        while (!sending.IsCompleted)
        {
            most = Math.Max(most, host.ResidentBytes);
            await look.WaitForNextTickAsync();
        }

        await sending;
        return most;
    }

    private static async Task SendAsync(HttpClient client, byte[] file, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/validate/file") { Content = new NumberedContent(file, number) };
        request.Headers.Add("X-File-Name", "scan.pdf");
        using var response = await client.SendAsync(request);
        if (response.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>The same bytes but for a number, without a copy of them.</summary>
    private sealed class NumberedContent(byte[] file, int number) : HttpContent
    {
        private const int Mark = 1024 * 1024;
        private const int Block = 64 * 1024;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await WriteAsync(stream, file.AsMemory(0, Mark));
            await stream.WriteAsync(BitConverter.GetBytes(number));
            await WriteAsync(stream, file.AsMemory(Mark + sizeof(int)));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = file.Length;
            return true;
        }

        private static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> bytes)
        {
            for (var at = 0; at < bytes.Length; at += Block) await stream.WriteAsync(bytes.Slice(at, Math.Min(Block, bytes.Length - at)));
        }
    }
}
