using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>SQLite allows one process on a folder: taken before anything touches the files, given back when the process ends, however it ends.</summary>
internal sealed class SqliteFolderLock(IOptions<DatabaseOptions> options) : IDisposable
{
    private FileStream? _lock;

    /// <exception cref="InvalidOperationException">Another process has the folder.</exception>
    public void Take()
    {
        if (options.Value.Provider != DatabaseProvider.Sqlite || _lock is not null) return;
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
    }

    public void Dispose() => _lock?.Dispose();
}
