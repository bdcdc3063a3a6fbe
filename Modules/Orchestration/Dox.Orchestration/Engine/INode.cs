namespace Dox.Orchestration.Engine;

/// <summary>This process among those that share the runs: who it is, and who of the others is gone.</summary>
internal interface INode
{
    /// <summary>Unique for each start of a process.</summary>
    string Id { get; }

    /// <summary>Makes this process's life known to the others. Returns when they can see it.</summary>
    /// <exception cref="InvalidOperationException">It can't share the runs, and why.</exception>
    Task JoinAsync(CancellationToken cancellationToken);

    /// <summary>Those of the nodes that no longer live.</summary>
    Task<IReadOnlyList<string>> DeadAmongAsync(IReadOnlyList<string> nodes, CancellationToken cancellationToken);
}
