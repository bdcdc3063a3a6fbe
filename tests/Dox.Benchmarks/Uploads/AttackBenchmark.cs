using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Dox.Testing.Processes;
using Dox.Testing.Servers;
using Dox.Validation.Tests.Hosting;

namespace Dox.Benchmarks.Uploads;

/// <summary>
/// <c>attack</c>: files of about a megabyte that inflate to a gigabyte, sent to a host in a process of its own with a real clamd behind it: how long each
/// takes, and how much memory the host and the processes that open documents take on for it.
/// </summary>
internal static class AttackBenchmark
{
    private const double Megabyte = 1024 * 1024;

    private static readonly (string What, string Name, Func<byte[]> Make)[] s_bombs =
    [
        ("zip", "letter.zip", () => Bombs.Zip(Bombs.Gigabyte)), ("zip that lies", "letter.zip", () => Bombs.LyingZip(Bombs.Gigabyte, 1 << 20)),
        ("gzip", "letter.gz", () => Bombs.Gzip(Bombs.Gigabyte)), ("pdf", "letter.pdf", () => Bombs.Pdf(Bombs.Gigabyte)),
    ];

    public static Command Command(RunOptions run) => run.Command(
        "attack", "decompression bombs of 1 GiB: time to refuse each, and memory taken on for it", result => MeasureAsync(result.GetValue(run.Rounds)));

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var state = await BenchmarkState.CreateAsync(sqlite: true);
        await using var clamd = await ClamdServer.StartPrivateAsync();
        await using var redis = await RedisServer.StartPrivateAsync();
        var variables = UploadSettings.For(clamd, redis).ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value, StringComparer.Ordinal);
        variables["DOX_DATA_PATH"] = state.Folder;
        // One, so that every file meets a process that has opened some before
        variables["Dox__DocumentReader__Processes"] = "1";
        variables["SCAN_CACHE_TTL"] = "0";
        await using var host = await HostProcess.StartAsync(variables);
        await WarmAsync(host.Client);

        var figures = new List<Figure>();
        foreach (var (what, name, make) in s_bombs)
        {
            var bomb = make();
            await SendAsync(host.Client, name, bomb, "unscannable");
            var measured = new List<(double Milliseconds, double Megabytes, double Resting)>();
            for (var round = 0; round < rounds; round++) measured.Add(await MeasureAsync(host, () => SendAsync(host.Client, name, bomb, "unscannable")));
            var of = $"{Figure.Number(bomb.Length / Megabyte)} MB sent, 1 GiB inflated; host and reader rest at {Figure.Number(Figure.Median(measured.Select(m => m.Resting)))} MB";
            figures.Add(new($"{what}, refused", Figure.Median(measured.Select(m => m.Milliseconds)), 100, 20, "ms") { Of = of });
            figures.Add(new($"{what}, memory", measured.Max(m => m.Megabytes), 50, 10, "MB") { Of = of });
        }

        return figures;
    }

    // Of host and readers together: the highest that the kernel saw each of them at since then, less what they held before
    private static async Task<(double Milliseconds, double Megabytes, double Resting)> MeasureAsync(HostProcess host, Func<Task> send)
    {
        var processes = host.ProcessIds;
        foreach (var id in processes) ProcessMemory.ForgetPeak(id);
        var before = processes.Sum(ProcessMemory.Resident);
        var started = Stopwatch.GetTimestamp();
        await send();
        var took = Stopwatch.GetElapsedTime(started);
        var grown = processes.Sum(ProcessMemory.Peak) - before;
        if (!host.ProcessIds.SequenceEqual(processes)) throw new InvalidOperationException("A process that opens documents was lost over the file.");
        return (took.TotalMilliseconds, grown / Megabyte, before / Megabyte);
    }

    private static async Task WarmAsync(HttpClient client)
    {
        var files = new UploadFiles(1024 * 1024);
        for (var i = 0; i < 20; i++) await SendAsync(client, "scan.pdf", files.Next(), "valid");
    }

    private static async Task SendAsync(HttpClient client, string name, byte[] file, string status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/validate/file") { Content = new ByteArrayContent(file) };
        request.Headers.Add("X-File-Name", name);
        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        using var answer = JsonDocument.Parse(body);
        var codes = answer.RootElement.TryGetProperty("errors", out var errors) ? errors.EnumerateArray().Select(e => e.GetProperty("code").GetString()).ToList() : [];
        if (status == "valid" ? codes.Count > 0 : !codes.Contains(status)) throw new InvalidOperationException($"{response.StatusCode}: {body}");
    }
}
