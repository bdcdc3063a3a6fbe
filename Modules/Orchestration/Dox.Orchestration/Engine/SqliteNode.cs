namespace Dox.Orchestration.Engine;

/// <summary>The only process on a folder of SQLite files, which the kernel has locked; every other node is a former one.</summary>
internal sealed class SqliteNode(TimeProvider clock) : INode
{
    public string Id { get; } = $"sqlite-{Guid.CreateVersion7(clock.GetUtcNow()):N}";

    public Task JoinAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<string>> DeadAmongAsync(IReadOnlyList<string> nodes, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. nodes.Where(n => n != Id)]);
}
