using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Engine;

/// <summary>The only process on a folder of SQLite files, by a lock on a file; every other node is a former one.</summary>
internal sealed class SqliteNode(IOptions<DatabaseOptions> options, TimeProvider clock) : INode, IDisposable
{
    private FileStream? _lock;

    public string Id { get; } = $"sqlite-{Guid.CreateVersion7(clock.GetUtcNow()):N}";

    public Task JoinAsync(CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(Path.Combine(options.Value.Path, "dox.lock"));
        try
        {
            _lock = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException(
                $"Another DOX process uses {Path.GetDirectoryName(path)}. SQLite allows one: stop it, set DOX_DATA_PATH to another folder, or use PostgreSQL (POSTGRES_HOST).", e);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> DeadAmongAsync(IReadOnlyList<string> nodes, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. nodes.Where(n => n != Id)]);

    public void Dispose() => _lock?.Dispose();
}
