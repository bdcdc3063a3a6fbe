using System.CommandLine;
using Dox.Benchmarks;

var gate = new Option<bool>("--gate") { Description = "End with 1 where a gate is missed.", Recursive = true };
var root = new RootCommand("Measures DOX beside its limits, on this machine, in this run.") { gate, StartBenchmark.Command(gate) };
return await root.Parse(args).InvokeAsync();
