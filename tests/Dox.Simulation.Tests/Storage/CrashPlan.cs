namespace Dox.Simulation.Tests.Storage;

/// <summary>A node dies at one certain call of the store, and no other ever.</summary>
/// <param name="at">Counted from 0 over all nodes; -1: never.</param>
/// <param name="isDone">Whether the call reaches the database.</param>
internal sealed class CrashPlan(int at, bool isDone)
{
    /// <summary>How many calls there were.</summary>
    public int Calls { get; private set; }

    public bool IsDone => isDone;

    /// <summary>Whether this call is the one.</summary>
    public bool IsNow() => Calls++ == at;
}
