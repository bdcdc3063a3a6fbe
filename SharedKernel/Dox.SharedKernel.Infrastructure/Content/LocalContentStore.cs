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
    private const int BufferSize = 64 * 1024;
    private const int HeadSize = 4096;
    private readonly string _root;
    private readonly string _staged;

    public LocalContentStore(IOptions<ContentOptions> options)
    {
        _root = Path.GetFullPath(options.Value.Path);
        _staged = Path.Combine(_root, "staged");
        Directory.CreateDirectory(_staged);
    }

    public async Task<StagedContent> StageAsync(Id<Document> id, Stream body, long maxLength, CancellationToken cancellationToken)
    {
        var path = StagedPath(id);
        var partial = path + ".partial";
        // Outside the try: where somebody else writes this body already, that one's file isn't ours to delete.
        await using var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var head = new ArrayBufferWriter<byte>(HeadSize);
            long length = 0;
            int read;
            while ((read = await body.ReadAsync(buffer.AsMemory(0, BufferSize), cancellationToken)) > 0)
            {
                length += read;
                if (length > maxLength) throw ContentFaults.TooLarge(maxLength);
                hash.AppendData(buffer, 0, read);
                if (head.WrittenCount < HeadSize) head.Write(buffer.AsSpan(0, Math.Min(read, HeadSize - head.WrittenCount)));
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            // Not flushed to the disk: a crash before the document is accepted loses an upload that nobody was promised.
            await file.DisposeAsync();
            File.Move(partial, path, overwrite: true);
            return new(Convert.ToHexStringLower(hash.GetHashAndReset()), length, head.WrittenMemory);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public Task<Stream> OpenStagedAsync(Id<Document> id, CancellationToken cancellationToken) => Task.FromResult<Stream>(Open(StagedPath(id)));

    public Task AcceptAsync(DocumentRef document, CancellationToken cancellationToken)
    {
        var staged = StagedPath(document.Id);
        var accepted = AcceptedPath(document.Sha256);
        // Moved away under our hands means accepted a moment ago, by a repeat.
        if (!File.Exists(accepted) && !TryMove(staged, accepted) && !File.Exists(accepted)) throw DoxException.NotFound("content", document.Sha256);
        File.Delete(staged);
        return Task.CompletedTask;
    }

    public Task DiscardStagedAsync(Id<Document> id, CancellationToken cancellationToken)
    {
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

    public string LocationOf(string sha256) => $"sha256/{Checked(sha256)[..2]}/{sha256[2..4]}/{sha256}";

    /// <summary>Drops what was staged before then and never decided, as after a crash; returns how much that was.</summary>
    internal int SweepStaged(DateTimeOffset before)
    {
        var old = new DirectoryInfo(_staged).EnumerateFiles().Where(f => f.LastWriteTimeUtc < before.UtcDateTime).ToList();
        foreach (var file in old) file.Delete();
        return old.Count;
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan);
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

    private static void FlushToDisk(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
    }

    private string StagedPath(Id<Document> id) => Path.Combine(_staged, id.ToString());

    private string AcceptedPath(string sha256) => Path.Combine(_root, "sha256", Checked(sha256)[..2], sha256[2..4], sha256);

    // Whatever else it may be, it is no path.
    private static string Checked(string sha256) =>
        sha256.Length == 64 && sha256.All(char.IsAsciiHexDigitLower) ? sha256 : throw DoxException.NotFound("content", sha256);
}
