using System.CommandLine;
using System.Globalization;
using Dox.Simulation.Tests;
using Dox.Simulation.Tests.Storage;
using Spectre.Console;

// Whole lines: a trace is read with other tools
AnsiConsole.Profile.Width = 10_000;
var count = new Option<ulong>("--seeds") { Description = "How many seeds to play.", DefaultValueFactory = _ => 100_000 };
var from = new Option<ulong>("--from") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
var threads = new Option<int>("--threads") { Description = "Worlds at once.", DefaultValueFactory = _ => Environment.ProcessorCount };
var replay = new Option<ulong?>("--replay") { Description = "Play one seed again, and show what happened in it." };
var mutation = new Option<Mutation>("--without") { Description = "Take a guard out, to see that it is missed." };
var root = new RootCommand("Plays DOX's engine on several simulated nodes, with whatever a seed makes go wrong, and checks what must hold.") { count, from, threads, replay, mutation };
root.SetAction(result =>
{
    if (result.GetValue(replay) is { } seed) return Replay(seed, result.GetValue(mutation));
    return Play(result.GetValue(from), result.GetValue(count), result.GetValue(mutation), result.GetValue(threads));
});
return await root.Parse(args).InvokeAsync();

static int Play(ulong from, ulong count, Mutation mutation, int threads)
{
    var result = Seeds.Play(from, count, mutation, most: 5, threads, done => AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done:N0} seeds")));
    AnsiConsole.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Played:N0} seeds with {result.Runs:N0} runs in {result.Took.TotalSeconds:0.0} s: {result.PerSecond:0} seeds/s, {result.Violations.Count} violations"));
    foreach (var outcome in result.Violations)
    {
        AnsiConsole.WriteLine($"seed {outcome.Seed}: {outcome.Violation!.Invariant}: {outcome.Violation.Message}");
        AnsiConsole.WriteLine($"  again, with all that happened: --replay {outcome.Seed}{(mutation == Mutation.None ? "" : $" --without {mutation}")}");
    }

    return result.Violations.Count == 0 ? 0 : 1;
}

static int Replay(ulong seed, Mutation mutation)
{
    var outcome = Simulation.Run(seed, mutation, traces: true);
    foreach (var line in outcome.Trace) AnsiConsole.WriteLine(line);
    AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {outcome.Runs} runs in {outcome.Simulated.TotalSeconds:0.0} s of its time; {(outcome.Violation is null ? "all held" : outcome.Violation.Invariant)}"));
    return outcome.Violation is null ? 0 : 1;
}
