namespace Dox.Simulation.Tests.Surroundings;

/// <summary>A number from a text, the same in every process.</summary>
internal static class StableHash
{
    public static int Of(string text)
    {
        // FNV-1a
        var hash = 2166136261u;
        foreach (var c in text) hash = (hash ^ c) * 16777619u;
        return (int)(hash & int.MaxValue);
    }
}
