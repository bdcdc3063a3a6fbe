using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>Takes several files from one multipart form, each in a part named <c>file</c>.</summary>
public static class ManyFiles
{
    /// <summary>Reads the body and stages the files. Where it fails nothing stays staged.</summary>
    /// <param name="request">Its body mustn't have been read.</param>
    /// <param name="store">Where the files are staged.</param>
    /// <param name="ids">What the files are staged as, in their order; as many as may come.</param>
    /// <param name="maxBytes">Of one file.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>One upload for each file, in their order, all with the form's fields.</returns>
    /// <exception cref="DoxException">As for <see cref="UploadReader"/>; 400 <c>too_many_files</c>; 415 where it is no form.</exception>
    public static async Task<IReadOnlyList<Upload>> ReadAsync(
        HttpRequest request, IContentStore store, IReadOnlyList<Id<Document>> ids, long maxBytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(ids);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new DoxException(415, "not_a_form", "Send multipart/form-data with a part named 'file' for each file.");
        try
        {
            return await new MultipartUpload(request, store, ids, maxBytes, cancellationToken).ReadAllAsync(type);
        }
        catch
        {
            foreach (var id in ids) await store.DiscardStagedAsync(id, CancellationToken.None);
            throw;
        }
    }
}
