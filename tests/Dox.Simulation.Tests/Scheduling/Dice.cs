namespace Dox.Simulation.Tests.Scheduling;

/// <summary>The only source of chance in a simulated world: the same seed throws the same numbers on every machine and runtime.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    // SplitMix64, by its public definition
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 up to, and without, <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>From <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    public TimeSpan Between(TimeSpan low, TimeSpan high) => low + new TimeSpan((long)(Next() % (ulong)((high - low).Ticks + 1)));

    /// <summary>True so often, of one.</summary>
    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    public T Of<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    /// <summary>Another source of chance that this one decides: what it is used for doesn't change the throws made here.</summary>
    public Dice Fork() => new(Next());
}
