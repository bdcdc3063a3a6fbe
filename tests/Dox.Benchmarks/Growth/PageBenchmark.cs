using System.CommandLine;
using System.Diagnostics;

namespace Dox.Benchmarks.Growth;

/// <summary><c>page</c>: a page of the list of runs over HTTP, with a million stored: the newest, one from far behind, and one of a rule's.</summary>
internal static class PageBenchmark
{
    private const int Requests = 40;

    public static Command Command(RunOptions run)
    {
        var runs = new Option<int>("--runs") { Description = "Runs that are stored.", DefaultValueFactory = _ => 1_000_000 };
        return run.Command("page", "a page of the list of runs with a million stored", result => MeasureAsync(result.GetValue(runs)), runs);
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int runs)
    {
        await using var state = await BenchmarkState.CreateAsync(sqlite: false);
        await using var host = await BenchmarkHost.StartAsync(state);
        var rule = host.RuleOf("step");
        await host.RunAsync(rule);
        await StoredRuns.CopyAsync(host.ConnectionString!, runs, journal: false);
        using var client = new HttpClient { BaseAddress = host.Address };
        var far = await FarCursorAsync(client);
        var figures = new List<Figure>();
        foreach (var (what, query) in new[] { ("newest", "limit=50"), ("far behind", $"limit=50&cursor={far}"), ("of a rule", $"limit=50&rule={rule.Name}") })
        {
            var milliseconds = new List<double>();
            for (var i = 0; i < Requests; i++)
            {
                var watch = Stopwatch.StartNew();
                using var answer = await client.GetAsync(new Uri($"/api/v1/workflows?{query}", UriKind.Relative));
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsByteArrayAsync();
                // The first ones compile what they use
                if (i >= Requests / 4) milliseconds.Add(watch.Elapsed.TotalMilliseconds);
            }

            figures.Add(new(what, Figure.Median(milliseconds), 50, 10, "ms") { Of = $"{Figure.Number(runs)} runs, 50 a page" });
        }

        return figures;
    }

    // A hundred pages of 200 on: as far as anybody turns pages
    private static async Task<string> FarCursorAsync(HttpClient client)
    {
        string? cursor = null;
        for (var page = 0; page < 100; page++)
        {
            var text = await client.GetStringAsync(new Uri($"/api/v1/workflows?limit=200{(cursor is null ? "" : $"&cursor={cursor}")}", UriKind.Relative));
            cursor = (string?)System.Text.Json.Nodes.JsonNode.Parse(text)!["next_cursor"] ?? throw new InvalidOperationException("There are fewer runs than that.");
        }

        return cursor!;
    }
}
