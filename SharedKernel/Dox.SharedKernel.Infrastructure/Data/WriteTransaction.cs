using Microsoft.EntityFrameworkCore.Storage;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>A transaction that writes. Disposed without a commit, it changes nothing.</summary>
public sealed class WriteTransaction : IAsyncDisposable
{
    private readonly IDbContextTransaction _transaction;
    private readonly IDisposable? _gate;
    private readonly Action<bool> _closed;
    private readonly string? _savepoint;
    private int _joined;
    private bool _committed;
    private bool _disposed;

    internal WriteTransaction(IDbContextTransaction transaction, IDisposable? gate, Action<bool> closed) =>
        (_transaction, _gate, _closed) = (transaction, gate, closed);

    private WriteTransaction(IDbContextTransaction transaction, string savepoint, Action<bool> closed)
        : this(transaction, gate: null, closed) => _savepoint = savepoint;

    /// <summary>Makes what was written durable; where it is a part of another transaction, once that one is committed.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (_savepoint is null) await _transaction.CommitAsync(cancellationToken);
        else await _transaction.ReleaseSavepointAsync(_savepoint, cancellationToken);
        _committed = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        try
        {
            if (_savepoint is null) await _transaction.DisposeAsync();
            else if (!_committed) await _transaction.RollbackToSavepointAsync(_savepoint);
        }
        finally
        {
            _gate?.Dispose();
            _closed(_committed);
        }
    }

    /// <summary>A part of this transaction that can be given up alone.</summary>
    internal async Task<WriteTransaction> JoinAsync(Action rolledBack, CancellationToken cancellationToken)
    {
        var savepoint = $"joined_{++_joined}";
        await _transaction.CreateSavepointAsync(savepoint, cancellationToken);
        return new WriteTransaction(_transaction, savepoint, committed =>
        {
            if (!committed) rolledBack();
        });
    }
}
