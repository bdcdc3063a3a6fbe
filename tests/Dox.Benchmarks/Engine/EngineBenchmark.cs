using System.CommandLine;

namespace Dox.Benchmarks.Engine;

/// <summary><c>engine</c>: durable runs of five in-process steps beside the floor: throughput, or with <c>--latency</c> the time of one run.</summary>
internal static class EngineBenchmark
{
    private const int Steps = 5;

    public static Command Command(RunOptions run)
    {
        var concurrency = new Option<int>("--concurrency") { Description = "Runs at once.", DefaultValueFactory = _ => 64 };
        var sqlite = new Option<bool>("--sqlite") { Description = "On SQLite with FULL sync." };
        var durability = new Option<string>("--durability") { Description = "step: a checkpoint a step; ends: two durable points a run.", DefaultValueFactory = _ => "step" };
        durability.AcceptOnlyFromAmong("step", "ends");
        var latency = new Option<bool>("--latency") { Description = "Start to end of a run, one at a time." };
        return run.Command(
            "engine", "durable runs of five in-process no-op steps, beside the floor engine",
            result => MeasureAsync(
                new(result.GetValue(concurrency), result.GetValue(sqlite), result.GetValue(durability)!, result.GetValue(latency)),
                result.GetValue(run.Rounds), result.GetValue(run.Seconds)),
            concurrency, sqlite, durability, latency);
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(Setting setting, int rounds, double seconds)
    {
        await using var state = await BenchmarkState.CreateAsync(setting.Sqlite);
        await using var floor = new FloorEngine(
            setting.Sqlite ? SqliteFloor.Open(Path.Combine(state.Folder, "floor.db")) : await PostgreSqlFloor.OpenAsync(await state.CreateDatabaseAsync()),
            Steps, setting.Durability == "ends");
        floor.Start();
        await using var host = await BenchmarkHost.StartAsync(state);
        var rule = host.RuleOf(setting.Durability);
        if (setting.Latency)
        {
            var (floorMs, doxMs) = await Rounds.InterleaveAsync(rounds, () => Load.LatencyAsync(floor.RunAsync, seconds), () => Load.LatencyAsync(() => host.RunAsync(rule), seconds));
            return [new("of the floor's time", doxMs / floorMs, 3, 1.5, "x") { Of = $"DOX {Figure.Number(doxMs)} ms, floor {Figure.Number(floorMs)} ms" }];
        }

        var (limit, dox) = await Rounds.InterleaveAsync(
            rounds, () => Load.ThroughputAsync(floor.RunAsync, setting.Concurrency, seconds), () => Load.ThroughputAsync(() => host.RunAsync(rule), setting.Concurrency, seconds));
        var (gate, aim) = setting.Reach;
        return [new("of the floor", dox / limit, gate, aim, "") { MoreIsBetter = true, Of = $"DOX {Figure.Number(dox)} runs/s, floor {Figure.Number(limit)} runs/s" }];
    }

    private sealed record Setting(int Concurrency, bool Sqlite, string Durability, bool Latency)
    {
        public (double Gate, double Aim) Reach => this switch
        {
            { Durability: "ends" } => (0.2, 0.5),
            { Sqlite: true } => (0.25, 0.6),
            { Concurrency: <= 16 } => (0.4, 0.7),
            _ => (0.25, 0.6),
        };
    }
}
