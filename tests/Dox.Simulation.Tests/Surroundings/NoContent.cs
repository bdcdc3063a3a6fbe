using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;

namespace Dox.Simulation.Tests.Surroundings;

/// <summary>Runs without documents ask for no bytes.</summary>
internal sealed class NoContent : IContentStore
{
    public Task<StagedContent> StageAsync(Id<Document> id, Stream body, long maxLength, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task KeepAsync(Id<Document> id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<Stream> OpenStagedAsync(Id<Document> id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task AcceptAsync(DocumentRef document, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DiscardStagedAsync(Id<Document> id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveAsync(string sha256, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> RemoveUnlessAsync(string sha256, Func<CancellationToken, Task<bool>> isWanted, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Stream> OpenAsync(string sha256, CancellationToken cancellationToken) => throw new NotSupportedException();

    public string LocationOf(string sha256) => throw new NotSupportedException();
}
