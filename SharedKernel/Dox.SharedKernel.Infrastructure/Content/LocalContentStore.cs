using System.Buffers;
using System.Security.Cryptography;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Content;

/// <summary>
/// Content as files: <c>staged/doc_…</c> while an upload isn't decided, <c>sha256/ab/cd/…</c> afterwards. A file gets its final name
/// only when it is whole and on the disk.
/// </summary>
internal sealed class LocalContentStore : IContentStore
{
    private const int BufferSize = SmallBodies.MaxLength;
    private const int HeadSize = 4096;
    private readonly string _root;
    private readonly string _staged;
    private readonly SmallBodies? _small;
    private readonly TimeProvider _clock;

    /// <param name="options">Where.</param>
    /// <param name="clock">Tells how old what is staged is.</param>
    /// <param name="keepsSmall">Whether small bodies stay in memory until they must outlive this process: only where no other one opens what this one staged.</param>
    public LocalContentStore(IOptions<ContentOptions> options, TimeProvider clock, bool keepsSmall = false)
    {
        _clock = clock;
        _small = keepsSmall ? new SmallBodies() : null;
        _root = Path.GetFullPath(options.Value.Path);
        _staged = Path.Combine(_root, "staged");
        Directory.CreateDirectory(_staged);
    }

    public async Task<StagedContent> StageAsync(Id<Document> id, Stream body, long maxLength, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var first = await body.ReadAtLeastAsync(buffer.AsMemory(0, BufferSize), BufferSize, throwOnEndOfStream: false, cancellationToken);
            if (first > maxLength) throw ContentFaults.TooLarge(maxLength);
            if (first < BufferSize && _small is not null && !File.Exists(StagedPath(id)) && !File.Exists(PartialPath(id)))
            {
                _small.Remove(id);
                var small = buffer.AsSpan(0, first).ToArray();
                if (_small.TryAdd(id, small, _clock.GetUtcNow())) return new(Convert.ToHexStringLower(SHA256.HashData(small)), first, small.AsMemory(0, Math.Min(first, HeadSize)));
            }

            return await StageFileAsync(id, buffer, first, body, maxLength, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public Task KeepAsync(Id<Document> id, CancellationToken cancellationToken)
    {
        // Not flushed to the disk: what is accepted is, before it is read
        if (_small?.Find(id) is { } body) return WriteAsync(body);
        return Task.CompletedTask;

        async Task WriteAsync(byte[] small)
        {
            var partial = $"{StagedPath(id)}.{Guid.CreateVersion7(_clock.GetUtcNow()):N}.partial";
            await File.WriteAllBytesAsync(partial, small, cancellationToken);
            File.Move(partial, StagedPath(id), overwrite: true);
            _small!.Remove(id);
        }
    }

    public Task<Stream> OpenStagedAsync(Id<Document> id, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(_small?.Find(id) is { } small ? new MemoryStream(small, writable: false) : Open(StagedPath(id)));

    public async Task AcceptAsync(DocumentRef document, CancellationToken cancellationToken)
    {
        await KeepAsync(document.Id, cancellationToken);
        var staged = StagedPath(document.Id);
        var accepted = AcceptedPath(document.Sha256);
        // Moved away under our hands means accepted a moment ago, by a repeat.
        if (!File.Exists(accepted) && !TryMove(staged, accepted) && !File.Exists(accepted)) throw DoxException.NotFound("content", document.Sha256);
        File.Delete(staged);
    }

    public Task DiscardStagedAsync(Id<Document> id, CancellationToken cancellationToken)
    {
        _small?.Remove(id);
        File.Delete(StagedPath(id));
        return Task.CompletedTask;
    }

    public Task<Stream> OpenAsync(string sha256, CancellationToken cancellationToken) => Task.FromResult<Stream>(Open(AcceptedPath(sha256)));

    public Task RemoveAsync(string sha256, CancellationToken cancellationToken)
    {
        var path = AcceptedPath(sha256);
        if (!File.Exists(path)) return Task.CompletedTask;
        File.Delete(path);
        DurableFolder.Flush(Path.GetDirectoryName(path)!);
        return Task.CompletedTask;
    }

    public async Task<bool> RemoveUnlessAsync(string sha256, Func<CancellationToken, Task<bool>> isWanted, CancellationToken cancellationToken)
    {
        var path = AcceptedPath(sha256);
        var aside = path + ".aside";
        TryRename(path, aside);
        if (await isWanted(cancellationToken))
        {
            TryRename(aside, path);
            return false;
        }

        if (!File.Exists(aside)) return true;
        File.Delete(aside);
        DurableFolder.Flush(Path.GetDirectoryName(aside)!);
        return true;
    }

    public string LocationOf(string sha256) => $"sha256/{Checked(sha256)[..2]}/{sha256[2..4]}/{sha256}";

    /// <summary>Drops what was staged before then and never decided, as after a crash; returns how much that was.</summary>
    internal int SweepStaged(DateTimeOffset before)
    {
        var old = new DirectoryInfo(_staged).EnumerateFiles().Where(f => f.LastWriteTimeUtc < before.UtcDateTime).ToList();
        foreach (var file in old) file.Delete();
        foreach (var id in _small?.OlderThan(before).ToList() ?? []) _small!.Remove(id);
        return old.Count;
    }

    private async Task<StagedContent> StageFileAsync(Id<Document> id, byte[] buffer, int read, Stream body, long maxLength, CancellationToken cancellationToken)
    {
        var path = StagedPath(id);
        var partial = PartialPath(id);
        // Outside the try: where somebody else writes this body already, that one's file isn't ours to delete.
        await using var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var head = buffer.AsSpan(0, Math.Min(read, HeadSize)).ToArray();
            long length = 0;
            // Filled up each time: a body comes in small pieces, and each write is a hop to another thread
            for (; read > 0; read = await body.ReadAtLeastAsync(buffer.AsMemory(0, BufferSize), BufferSize, throwOnEndOfStream: false, cancellationToken))
            {
                length += read;
                if (length > maxLength) throw ContentFaults.TooLarge(maxLength);
                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            // Not flushed to the disk: a crash before the document is accepted loses an upload that nobody was promised.
            await file.DisposeAsync();
            File.Move(partial, path, overwrite: true);
            _small?.Remove(id);
            return new(Convert.ToHexStringLower(hash.GetHashAndReset()), length, head);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            // Unbuffered: all readers have buffers of their own
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw DoxException.NotFound("content", Path.GetFileName(path));
        }
    }

    private static bool TryMove(string staged, string accepted)
    {
        if (!File.Exists(staged)) return false;
        var folder = Path.GetDirectoryName(accepted)!;
        var isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        try
        {
            FlushToDisk(staged);
            File.Move(staged, accepted, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        DurableFolder.Flush(folder);
        if (!isNew) return true;
        var above = Path.GetDirectoryName(folder)!;
        DurableFolder.Flush(above);
        DurableFolder.Flush(Path.GetDirectoryName(above)!);
        return true;
    }

    // Whatever stands under the other name has the same bytes
    private static void TryRename(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // There is none, or somebody else was first
        }
    }

    private static void FlushToDisk(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
    }

    private string StagedPath(Id<Document> id) => Path.Combine(_staged, id.ToString());

    private string PartialPath(Id<Document> id) => StagedPath(id) + ".partial";

    private string AcceptedPath(string sha256) => Path.Combine(_root, "sha256", Checked(sha256)[..2], sha256[2..4], sha256);

    // Whatever else it may be, it is no path.
    private static string Checked(string sha256) =>
        sha256.Length == 64 && sha256.All(char.IsAsciiHexDigitLower) ? sha256 : throw DoxException.NotFound("content", sha256);
}
