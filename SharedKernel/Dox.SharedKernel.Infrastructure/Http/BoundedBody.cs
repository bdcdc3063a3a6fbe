using Dox.SharedKernel.Errors;
using Microsoft.AspNetCore.Http;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>A request's body that is small enough to be held in memory.</summary>
public static class BoundedBody
{
    /// <summary>Reads it whole, and no more than is allowed, whatever its length was said to be.</summary>
    /// <param name="request">Its body mustn't have been read.</param>
    /// <param name="most">In bytes.</param>
    /// <param name="tooLarge">What is thrown where it has more.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="DoxException"><paramref name="tooLarge"/>.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int most, Func<DoxException> tooLarge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(tooLarge);
        if (request.ContentLength > most) throw tooLarge();
        using var body = new MemoryStream();
        var chunk = new byte[16_384];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (body.Length + read > most) throw tooLarge();
            body.Write(chunk, 0, read);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
