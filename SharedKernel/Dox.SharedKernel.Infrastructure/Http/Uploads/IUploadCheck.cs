using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>
/// Has a staged file looked at before anything else opens it: size, type, viruses, quota, format. That is the work of a module, perhaps in another process;
/// modules don't ask each other, so the host does.
/// </summary>
public interface IUploadCheck
{
    /// <summary>Returns when the file may be used.</summary>
    /// <param name="id">What it is staged as.</param>
    /// <param name="upload">As it came in.</param>
    /// <param name="isKept">Whether it is going to stay, and counts as a document that was sent.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="DoxException">What is wrong with it, as where it is sent as a document; 503 where nobody can look: nothing passes unseen.</exception>
    Task DemandAsync(Id<Document> id, Upload upload, bool isKept, CancellationToken cancellationToken);
}
