using System.CommandLine;
using Dox.Benchmarks;
using Dox.Benchmarks.Accuracy;
using Dox.Benchmarks.Engine;
using Dox.Benchmarks.Growth;
using Dox.Benchmarks.Hostile;
using Dox.Benchmarks.Matching;
using Dox.Benchmarks.Transport;
using Dox.Benchmarks.Uploads;

// One file a benchmark; each adds its command here.
var run = new RunOptions();
var root = new RootCommand("Measures DOX beside its limits, on this machine, in this run.")
{
    run.Gate, run.Write, run.Rounds, run.Seconds,
    EngineBenchmark.Command(run),
    CommitsBenchmark.Command(run),
    AllocationBenchmark.Command(run),
    UploadBenchmark.Command(run),
    AttackBenchmark.Command(run),
    CorporaBenchmark.Command(run),
    RecoveryBenchmark.Command(run),
    GrowthBenchmark.Command(run),
    PageBenchmark.Command(run),
    StartBenchmark.Command(run),
    HostileBenchmark.Command(run),
    MatchBenchmark.Command(run),
    AccuracyCommand.Command(run),
};
foreach (var command in TransportBenchmark.Commands(run)) root.Add(command);
root.Add(AllBenchmarks.Command(root, run));
return await root.Parse(args).InvokeAsync();
