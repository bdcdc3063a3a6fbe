using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.Validation.Contracts;

namespace Dox.Validation.Steps;

/// <summary>The bytes of a submitted file: staged ones, or accepted ones where a step is run again later.</summary>
internal sealed class FileContent(IContentStore store)
{
    public async Task<Stream> OpenAsync(SubmittedFile file, CancellationToken cancellationToken)
    {
        try
        {
            return await store.OpenStagedAsync(file.Id, cancellationToken);
        }
        catch (DoxException e) when (e.Status == 404)
        {
            return await store.OpenAsync(file.Sha256, cancellationToken);
        }
    }
}
