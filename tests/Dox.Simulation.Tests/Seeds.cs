using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Dox.Simulation.Tests.Storage;

namespace Dox.Simulation.Tests;

/// <summary>Many seeds, on as many threads as the machine has cores. Each world stays on its thread.</summary>
internal static class Seeds
{
    /// <summary>Plays seeds until the last, or until <paramref name="most"/> of them showed a violation.</summary>
    public static SeedsResult Play(ulong from, ulong count, Mutation mutation = Mutation.None, int most = 1, int? threads = null, Action<ulong>? progress = null)
    {
        var watch = Stopwatch.StartNew();
        var next = from - 1;
        var played = 0L;
        var runs = 0L;
        var found = new ConcurrentBag<Outcome>();
        Exception? fault = null;
        var crews = Enumerable.Range(0, threads ?? Environment.ProcessorCount).Select(_ => new Thread(Work) { IsBackground = true }).ToList();
        crews.ForEach(t => t.Start());
        crews.ForEach(t => t.Join());
        if (fault is not null) throw new InvalidOperationException("A world couldn't be made or judged.", fault);
        return new SeedsResult((ulong)played, runs, [.. found.OrderBy(o => o.Seed)], watch.Elapsed);

        [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "It is thrown again where it is heard")]
        void Work()
        {
            try
            {
                while (found.Count < most && fault is null && Interlocked.Increment(ref next) is var seed && seed < from + count) Play(seed);
            }
            catch (Exception e)
            {
                fault = e;
            }
        }

        void Play(ulong seed)
        {
            var outcome = Simulation.Run(seed, mutation);
            Interlocked.Add(ref runs, outcome.Runs);
            if (outcome.Violation is not null) found.Add(outcome);
            var done = (ulong)Interlocked.Increment(ref played);
            if (done % 5000 == 0) progress?.Invoke(done);
        }
    }
}

/// <summary>What many seeds showed.</summary>
internal sealed record SeedsResult(ulong Played, long Runs, IReadOnlyList<Outcome> Violations, TimeSpan Took)
{
    public double PerSecond => Played / Took.TotalSeconds;
}
