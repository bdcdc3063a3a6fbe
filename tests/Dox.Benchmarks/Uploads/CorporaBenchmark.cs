using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Dox.Testing.Processes;
using Dox.Testing.Servers;

namespace Dox.Benchmarks.Uploads;

/// <summary>
/// <c>corpora</c>: every file of the folders that <c>DOX_CORPORA</c> names, one by one through all five steps of a host in a process of its own, with a real clamd:
/// the longest that one takes, and what the host holds afterwards beside before.
/// </summary>
internal static class CorporaBenchmark
{
    private const double Megabyte = 1024 * 1024;
    private static readonly string[] s_folders = ["pdf-viewer", "pdf-library", "pdf-malformed", "file-types"];

    public static Command Command(RunOptions run) => run.Command("corpora", "every file of DOX_CORPORA: the longest that one takes, and what memory stays taken", _ => MeasureAsync());

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        var corpora = Environment.GetEnvironmentVariable("DOX_CORPORA") is { Length: > 0 } given
            ? given
            : throw new InvalidOperationException("DOX_CORPORA isn't set: it names the folder with pdf-viewer, pdf-library, pdf-malformed and file-types.");
        await using var state = await BenchmarkState.CreateAsync(sqlite: true);
        await using var clamd = await ClamdServer.StartPrivateAsync();
        await using var redis = await RedisServer.StartPrivateAsync();
        var variables = UploadSettings.For(clamd, redis).ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value, StringComparer.Ordinal);
        variables["DOX_DATA_PATH"] = state.Folder;
        await using var host = await HostProcess.StartAsync(variables);
        var paths = s_folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(corpora, folder))).ToList();
        foreach (var path in paths.Take(20)) await SendAsync(host.Client, path);

        var before = host.ResidentBytes;
        var (slowest, name, crashed) = (TimeSpan.Zero, "", 0);
        foreach (var path in paths)
        {
            var started = Stopwatch.GetTimestamp();
            if (!await SendAsync(host.Client, path)) crashed++;
            if (Stopwatch.GetElapsedTime(started) is var took && took > slowest) (slowest, name) = (took, Path.GetFileName(path));
        }

        return
        [
            new("slowest file", slowest.TotalSeconds, 10, 5, "s") { Of = $"{name}, of {paths.Count} files" },
            new("without a verdict", crashed, 0, 0, "files") { Of = $"{paths.Count} files" },
            new("memory that stays", (host.ResidentBytes - before) / Megabyte, 64, 16, "MB") { Of = $"the host alone, {Figure.Number(before / Megabyte)} MB before" },
        ];
    }

    // Whether it got a verdict: it is let in, or a step names what is wrong with it
    private static async Task<bool> SendAsync(HttpClient client, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/validate/file") { Content = new ByteArrayContent(await File.ReadAllBytesAsync(path)) };
        request.Headers.Add("X-File-Name", Uri.EscapeDataString(Path.GetFileName(path)));
        using var response = await client.SendAsync(request);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return response.IsSuccessStatusCode || ((int)response.StatusCode < 500 && answer.RootElement.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 0);
    }
}
