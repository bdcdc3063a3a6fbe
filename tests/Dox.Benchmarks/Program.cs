using System.CommandLine;
using Dox.Benchmarks;
using Dox.Benchmarks.Engine;
using Dox.Benchmarks.Uploads;

// One file a benchmark; each adds its command here.
var run = new RunOptions();
var root = new RootCommand("Measures DOX beside its limits, on this machine, in this run.")
{
    run.Gate, run.Rounds, run.Seconds,
    EngineBenchmark.Command(run),
    CommitsBenchmark.Command(run),
    AllocationBenchmark.Command(run),
    UploadBenchmark.Command(run),
    StartBenchmark.Command(run),
};
return await root.Parse(args).InvokeAsync();
