using System.Security.Cryptography;
using System.Text;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>A form with parts named <c>file</c>; all others are fields of text. Read part by part, never buffered as a form.</summary>
/// <param name="request">Its body mustn't have been read.</param>
/// <param name="store">Where files are staged.</param>
/// <param name="ids">What the files will be; as many as may come.</param>
/// <param name="maxBytes">Of a file.</param>
/// <param name="cancellationToken">Stops.</param>
internal sealed class MultipartUpload(HttpRequest request, IContentStore store, IReadOnlyList<Id<Document>> ids, long maxBytes, CancellationToken cancellationToken)
{
    private const string FilePart = "file";
    private const int MaxFields = 32;
    private const int MaxFieldName = 100;
    private const int MaxFieldBytes = 64 * 1024;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private readonly List<(string Name, string? Declared, StagedContent Content)> _files = [];

    public MultipartUpload(HttpRequest request, IContentStore store, Id<Document> id, long maxBytes, CancellationToken cancellationToken)
        : this(request, store, [id], maxBytes, cancellationToken)
    {
    }

    public async Task<Upload> ReadAsync(MediaTypeHeaderValue contentType) => (await ReadAllAsync(contentType))[0];

    /// <summary>One upload for each file, in their order, all with the form's fields.</summary>
    public async Task<IReadOnlyList<Upload>> ReadAllAsync(MediaTypeHeaderValue contentType)
    {
        var boundary = HeaderUtilities.RemoveQuotes(contentType.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 70)
            throw DoxException.Invalid("malformed_multipart", "The Content-Type names no boundary of 1 to 70 characters.");
        UploadBody.Limit(request, maxBytes * ids.Count, maxBytes * ids.Count + UploadBody.Overhead);

        var promised = UploadDigests.OfContent(request.Headers);
        using var hash = promised is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var body = new UploadBody(request.Body, maxBytes * ids.Count, hash);
        var reader = new MultipartReader(boundary, body);
        while (await UploadBody.ReadingAsync(maxBytes, async () => await reader.ReadNextSectionAsync(cancellationToken)) is { } section)
            await TakeAsync(section);
        if (hash is not null)
        {
            await body.CopyToAsync(Stream.Null, cancellationToken);
            UploadDigests.Check(promised, Convert.ToHexStringLower(hash.GetHashAndReset()), "The body");
        }

        if (_files.Count == 0) throw UploadReader.FileMissing();
        return [.. _files.Select(f => new Upload(f.Name, f.Declared, f.Content, _fields, MediaTypes.Detect(f.Content.Head.Span)))];
    }

    private async Task TakeAsync(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            || disposition.DispositionType != "form-data" || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
            throw DoxException.Invalid("malformed_multipart", "Each part needs a Content-Disposition: form-data with a name.");

        if (name == FilePart) await TakeFileAsync(section, disposition);
        else if (UploadReader.NameOf(disposition) is not null && _files.Count > 0) throw MoreThan();
        else await TakeFieldAsync(section, name);
    }

    private async Task TakeFileAsync(MultipartSection section, ContentDispositionHeaderValue disposition)
    {
        if (_files.Count == ids.Count) throw MoreThan();
        if (UploadReader.NameOf(disposition) is not { } submitted)
            throw DoxException.Invalid("file_name_missing", "The part 'file' has no filename in its Content-Disposition.");
        if (submitted.Length == 0) throw UploadReader.FileMissing();

        var name = FileNames.Clean(submitted);
        var content = await store.StageAsync(ids[_files.Count], new UploadBody(section.Body, maxBytes), maxBytes, cancellationToken);
        _files.Add((name, UploadReader.MediaTypeOf(section.ContentType), content));
        UploadDigests.Check(UploadDigests.OfContent(section.Headers), content.Sha256, "The file");
    }

    private async Task TakeFieldAsync(MultipartSection section, string name)
    {
        if (name.Length > MaxFieldName || name.Any(char.IsControl)) throw Field("bad_field_name", $"A field's name has at most {MaxFieldName} characters.", name);
        if (_fields.Count == MaxFields) throw Field("too_many_fields", $"At most {MaxFields} fields are taken beside the file.", name);

        var buffer = new byte[MaxFieldBytes + 1];
        var length = await new UploadBody(section.Body, maxBytes).ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > MaxFieldBytes) throw Field("field_too_large", $"The field '{name}' is over {MaxFieldBytes} bytes. The file belongs into the part 'file'.", name);
        if (!_fields.TryAdd(name, Text(buffer.AsSpan(0, length), name))) throw Field("field_twice", $"The field '{name}' came twice.", name);
    }

    private static string Text(ReadOnlySpan<byte> bytes, string name)
    {
        try
        {
            if (!bytes.Contains((byte)0)) return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            // Told below
        }

        throw Field("field_not_text", $"The field '{name}' isn't UTF-8 text. The file belongs into the part 'file'.", name);
    }

    private DoxException MoreThan() => ids.Count == 1
        ? DoxException.Invalid("more_than_one_file", "The form has more than one file. Send each with a request of its own.")
        : DoxException.Invalid("too_many_files", $"The form has files beside the {ids.Count} that are taken, each in a part named 'file'.");

    private static DoxException Field(string code, string message, string name) =>
        DoxException.Invalid(code, message, [new Finding("field", code, message, name.Length > MaxFieldName ? name[..MaxFieldName] : name)]);
}
