using System.Collections.Concurrent;
using Dox.Simulation.Tests.Scheduling;
using Dox.Workflows.Rules;

namespace Dox.Simulation.Tests.Surroundings;

/// <summary>Compiled rules: the random ones are made from a number, and many seeds share them, since compiling costs more than running.</summary>
internal static class RuleShelf
{
    private const int Shelves = 500;

    private static readonly ConcurrentDictionary<int, RuleSet> Sets = [];

    private static readonly Lazy<RuleSet> ShippedOnce = new(() => RuleSet.Load(new RuleParser(SimulatedVocabulary.ForShippedRules()), Folder()));

    public static RuleSet Shipped => ShippedOnce.Value;

    /// <summary>The rules of a seed: random ones, or the shipped ones.</summary>
    public static RuleSet For(Dice dice) => dice.Chance(0.2) ? Shipped : Sets.GetOrAdd(dice.Below(Shelves), Make);

    private static RuleSet Make(int number)
    {
        var dice = new Dice((ulong)number);
        var parser = new RuleParser(SimulatedVocabulary.ForRandomRules());
        var child = $"child_{number}";
        var results = Enumerable.Range(0, 2).Select(i => parser.Parse(RandomRules.Write($"random_{number}_{i}", dice, child), $"random_{number}_{i}.yaml"))
            .Append(parser.Parse(RandomRules.Write(child, dice, child: null), $"{child}.yaml")).ToList();
        var errors = results.SelectMany(r => r.Errors).ToList();
        if (errors.Count > 0) throw new InvalidOperationException($"A random rule isn't one: {string.Join("; ", errors)}");
        return new RuleSet(results);
    }

    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Dox.sln"))) return Path.Combine(folder.FullName, "workflows");
        }

        throw new DirectoryNotFoundException("The repository's folder workflows/ isn't above the program.");
    }
}
