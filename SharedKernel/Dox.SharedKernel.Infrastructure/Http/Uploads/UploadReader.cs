using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>
/// Takes one file in from a request: a multipart form with one part named <c>file</c>, or a raw body with a file name (in
/// <c>Content-Disposition</c>, <c>X-File-Name</c> or the query's <c>filename</c>). One pass, constant memory.
/// </summary>
public static class UploadReader
{
    /// <summary>Reads the body and stages the file. Where it fails nothing stays staged.</summary>
    /// <param name="request">Its body mustn't have been read.</param>
    /// <param name="store">Where the file is staged.</param>
    /// <param name="id">The document that it will be.</param>
    /// <param name="maxBytes">The largest file, exact to the byte. A larger Content-Length is refused before anything is read.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="DoxException">
    /// 413 <c>file_too_large</c>; 408 <c>upload_too_slow</c>; 503 <c>too_many_uploads</c>; 400 <c>file_missing</c>, <c>more_than_one_file</c>, <c>file_name_missing</c>,
    /// <c>bad_file_name</c>, <c>file_name_too_long</c>, <c>digest_mismatch</c>, <c>digest_malformed</c>, <c>digest_unsupported</c>, <c>malformed_multipart</c>,
    /// <c>upload_incomplete</c>, <c>bad_field_name</c>, <c>too_many_fields</c>, <c>field_too_large</c>, <c>field_twice</c>, <c>field_not_text</c>.
    /// </exception>
    public static async Task<Upload> ReadAsync(HttpRequest request, IContentStore store, Id<Document> id, long maxBytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(store);
        var promised = UploadDigests.OfFile(request.Headers);
        try
        {
            var upload = await request.HttpContext.RequestServices.GetRequiredService<UploadGate>().PassAsync(
                limited => MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
                    ? new MultipartUpload(request, store, id, maxBytes, limited).ReadAsync(type)
                    : ReadRawAsync(request, store, id, maxBytes, limited),
                cancellationToken);
            UploadDigests.Check(promised, upload.Content.Sha256, "The file");
            return upload;
        }
        catch
        {
            await store.DiscardStagedAsync(id, CancellationToken.None);
            throw;
        }
    }

    internal static DoxException FileMissing() => DoxException.Invalid(
        "file_missing", "There is no file. Send multipart/form-data with a part named 'file', or the bytes themselves with a file name in X-File-Name.");

    /// <summary>The name that a Content-Disposition gives; null where it gives none, which an empty one isn't.</summary>
    internal static string? NameOf(ContentDispositionHeaderValue disposition)
    {
        if (disposition.FileNameStar.HasValue) return disposition.FileNameStar.Value;
        // Browsers escape a quote as %22, others as \"
        return disposition.FileName.HasValue
            ? HeaderUtilities.RemoveQuotes(disposition.FileName).Value?.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("%22", "\"", StringComparison.Ordinal) ?? ""
            : null;
    }

    internal static string? MediaTypeOf(string? contentType)
    {
        if (string.IsNullOrWhiteSpace(contentType)) return null;
        return MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed.MediaType.Value?.ToLowerInvariant() : contentType.Trim().ToLowerInvariant();
    }

    private static async Task<Upload> ReadRawAsync(HttpRequest request, IContentStore store, Id<Document> id, long maxBytes, CancellationToken cancellationToken)
    {
        if (RawName(request) is not { Length: > 0 } submitted) throw FileMissing();
        UploadBody.Limit(request, maxBytes, maxBytes);

        var name = FileNames.Clean(submitted);
        var promised = UploadDigests.OfContent(request.Headers);
        var content = await store.StageAsync(id, new UploadBody(request.Body, maxBytes), maxBytes, cancellationToken);
        UploadDigests.Check(promised, content.Sha256, "The body");
        return new(name, MediaTypeOf(request.ContentType), content, new Dictionary<string, string>(StringComparer.Ordinal), MediaTypes.Detect(content.Head.Span));
    }

    private static string? RawName(HttpRequest request)
    {
        if (ContentDispositionHeaderValue.TryParse(request.Headers.ContentDisposition.ToString(), out var disposition) && NameOf(disposition) is { Length: > 0 } named) return named;
        var header = request.Headers["X-File-Name"].ToString();
        return header.Length > 0 ? Uri.UnescapeDataString(header) : request.Query["filename"].ToString();
    }
}
