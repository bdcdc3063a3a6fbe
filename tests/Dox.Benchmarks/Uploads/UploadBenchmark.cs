using System.CommandLine;
using System.Net;
using Dox.Benchmarks.Engine;
using Dox.Testing.Servers;

namespace Dox.Benchmarks.Uploads;

/// <summary>
/// <c>upload</c>: files of three sizes over HTTP through all five steps, beside the same files sent to the same clamd alone; with <c>--memory</c> the
/// host's memory while 200 large ones come at once.
/// </summary>
internal static class UploadBenchmark
{
    // As many as clamd has cores to work on: more only wait
    private const int AtOnce = 4;

    private static readonly (string Name, int Length, double Gate, double Aim)[] s_sizes =
    [
        ("10 KB", 10 * 1024, 0.5, 0.8), ("1 MB", 1024 * 1024, 0.85, 0.95), ("10 MB", 10 * 1024 * 1024, 0.9, 0.97),
    ];

    public static Command Command(RunOptions run)
    {
        var memory = new Option<bool>("--memory") { Description = "Resident memory while uploads of 50 MB come at once." };
        var uploads = new Option<int>("--uploads") { Description = "How many come at once, with --memory.", DefaultValueFactory = _ => 200 };
        return run.Command(
            "upload", "files through the five steps with a real clamd, beside clamd alone",
            async result => result.GetValue(memory) ? await UploadMemory.MeasureAsync(result.GetValue(uploads)) : await MeasureAsync(result.GetValue(run.Rounds), result.GetValue(run.Seconds)),
            memory, uploads);
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds, double seconds)
    {
        await using var clamd = await ClamdServer.StartPrivateAsync();
        await using var redis = await RedisServer.StartPrivateAsync();
        await using var state = await BenchmarkState.CreateAsync(sqlite: true);
        await using var host = await BenchmarkHost.StartAsync(state, UploadSettings.For(clamd, redis));
        using var client = new HttpClient { BaseAddress = host.Address };
        var figures = new List<Figure>();
        foreach (var (name, length, gate, aim) in s_sizes)
        {
            var files = new UploadFiles(length);
            var (raw, dox) = await Rounds.InterleaveAsync(
                rounds,
                () => Load.ThroughputAsync(() => RawClamd.ScanAsync(clamd.Host, clamd.Port, files.Next()), AtOnce, seconds),
                () => Load.ThroughputAsync(() => SendAsync(client, files.Next()), AtOnce, seconds));
            figures.Add(new(name, dox / raw, gate, aim, "of clamd") { MoreIsBetter = true, Of = $"DOX {Figure.Number(dox)} files/s, clamd {Figure.Number(raw)} files/s" });
        }

        return figures;
    }

    private static async Task SendAsync(HttpClient client, byte[] file)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/validate/file") { Content = new ByteArrayContent(file) };
        request.Headers.Add("X-File-Name", "scan.pdf");
        using var response = await client.SendAsync(request);
        if (response.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }
}
