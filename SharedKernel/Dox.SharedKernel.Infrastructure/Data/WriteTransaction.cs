using Microsoft.EntityFrameworkCore.Storage;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>A transaction that writes. Disposed without a commit, it changes nothing.</summary>
public sealed class WriteTransaction : IAsyncDisposable
{
    private readonly IDbContextTransaction _transaction;
    private readonly IDisposable? _gate;
    private readonly Action<bool> _closed;
    private bool _committed;
    private bool _disposed;

    internal WriteTransaction(IDbContextTransaction transaction, IDisposable? gate, Action<bool> closed) =>
        (_transaction, _gate, _closed) = (transaction, gate, closed);

    /// <summary>Makes what was written durable.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await _transaction.CommitAsync(cancellationToken);
        _committed = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        try
        {
            await _transaction.DisposeAsync();
        }
        finally
        {
            _gate?.Dispose();
            _closed(_committed);
        }
    }
}
