using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;

namespace Dox.SharedKernel.Infrastructure.Content;

/// <summary>What a staged body turned out to be.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Head">The first bytes, at most 4096: enough to tell the type.</param>
public sealed record StagedContent(string Sha256, long Length, ReadOnlyMemory<byte> Head);

/// <summary>
/// Bytes of documents. Staged ones belong to an upload that isn't decided, and only validation opens them; accepted ones are found by their
/// hash, once for all documents that share them. Local files now; a bucket is the next one.
/// </summary>
public interface IContentStore
{
    /// <summary>Takes a body in, counting and hashing it in one pass at constant memory.</summary>
    /// <param name="id">The document that it will be.</param>
    /// <param name="body">Read to its end, or to one byte over <paramref name="maxLength"/>.</param>
    /// <param name="maxLength">In bytes.</param>
    /// <param name="cancellationToken">Stops, and leaves nothing.</param>
    /// <exception cref="Errors.DoxException">413 <c>file_too_large</c> when there is more than <paramref name="maxLength"/>; nothing is left.</exception>
    Task<StagedContent> StageAsync(Id<Document> id, Stream body, long maxLength, CancellationToken cancellationToken);

    /// <summary>Makes sure that staged content outlives this process; to be done before its document is kept.</summary>
    Task KeepAsync(Id<Document> id, CancellationToken cancellationToken);

    /// <summary>Opens staged content, for validation; the stream can seek.</summary>
    /// <exception cref="Errors.DoxException">404 <c>content_not_found</c>.</exception>
    Task<Stream> OpenStagedAsync(Id<Document> id, CancellationToken cancellationToken);

    /// <summary>Makes staged content readable. Done twice, it is done once.</summary>
    /// <exception cref="Errors.DoxException">404 <c>content_not_found</c> when it is neither staged nor stored.</exception>
    Task AcceptAsync(DocumentRef document, CancellationToken cancellationToken);

    /// <summary>Drops staged content; nothing happens where there is none.</summary>
    Task DiscardStagedAsync(Id<Document> id, CancellationToken cancellationToken);

    /// <summary>Opens accepted content; the stream can seek.</summary>
    /// <param name="sha256">64 lower-case hexadecimal digits.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="Errors.DoxException">404 <c>content_not_found</c>.</exception>
    Task<Stream> OpenAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>Takes accepted content away, for all documents that share it; nothing happens where there is none.</summary>
    Task RemoveAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>
    /// Takes accepted content away, unless somebody wants it. It is out of reach while that is asked: who accepts the same bytes meanwhile brings
    /// its own, and who did so before is seen. Done again after a crash, it is done to its end.
    /// </summary>
    /// <param name="sha256">64 lower-case hexadecimal digits.</param>
    /// <param name="isWanted">Whether a document has it; must see every one that was kept before it is asked.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Whether nobody wants it; it is gone then.</returns>
    Task<bool> RemoveUnlessAsync(string sha256, Func<CancellationToken, Task<bool>> isWanted, CancellationToken cancellationToken);

    /// <summary>Where accepted content is, as a name that means nothing outside the store.</summary>
    string LocationOf(string sha256);
}
