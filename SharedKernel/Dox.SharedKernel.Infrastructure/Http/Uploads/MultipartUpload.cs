using System.Security.Cryptography;
using System.Text;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>A form with one part named <c>file</c>; all others are fields of text. Read part by part, never buffered as a form.</summary>
internal sealed class MultipartUpload(HttpRequest request, IContentStore store, Id<Document> id, long maxBytes, CancellationToken cancellationToken)
{
    private const string FilePart = "file";
    private const int MaxFields = 32;
    private const int MaxFieldName = 100;
    private const int MaxFieldBytes = 64 * 1024;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private (string Name, string? Declared, StagedContent Content)? _file;

    public async Task<Upload> ReadAsync(MediaTypeHeaderValue contentType)
    {
        var boundary = HeaderUtilities.RemoveQuotes(contentType.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 70)
            throw DoxException.Invalid("malformed_multipart", "The Content-Type names no boundary of 1 to 70 characters.");
        UploadBody.Limit(request, maxBytes, maxBytes + UploadBody.Overhead);

        var promised = UploadDigests.OfContent(request.Headers);
        using var hash = promised is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var body = new UploadBody(request.Body, maxBytes, hash);
        var reader = new MultipartReader(boundary, body);
        while (await UploadBody.ReadingAsync(maxBytes, async () => await reader.ReadNextSectionAsync(cancellationToken)) is { } section)
            await TakeAsync(section);
        if (hash is not null)
        {
            await body.CopyToAsync(Stream.Null, cancellationToken);
            UploadDigests.Check(promised, Convert.ToHexStringLower(hash.GetHashAndReset()), "The body");
        }

        return _file is var (name, declared, content)
            ? new(name, declared, content, _fields, MediaTypes.Detect(content.Head.Span))
            : throw UploadReader.FileMissing();
    }

    private async Task TakeAsync(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            || disposition.DispositionType != "form-data" || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
            throw DoxException.Invalid("malformed_multipart", "Each part needs a Content-Disposition: form-data with a name.");

        if (name == FilePart) await TakeFileAsync(section, disposition);
        else if (UploadReader.NameOf(disposition) is not null && _file is not null) throw MoreThanOne();
        else await TakeFieldAsync(section, name);
    }

    private async Task TakeFileAsync(MultipartSection section, ContentDispositionHeaderValue disposition)
    {
        if (_file is not null) throw MoreThanOne();
        if (UploadReader.NameOf(disposition) is not { } submitted)
            throw DoxException.Invalid("file_name_missing", "The part 'file' has no filename in its Content-Disposition.");
        if (submitted.Length == 0) throw UploadReader.FileMissing();

        var name = FileNames.Clean(submitted);
        var content = await store.StageAsync(id, new UploadBody(section.Body, maxBytes), maxBytes, cancellationToken);
        _file = (name, UploadReader.MediaTypeOf(section.ContentType), content);
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

    private static DoxException MoreThanOne() =>
        DoxException.Invalid("more_than_one_file", "The form has more than one file. Send each with a request of its own.");

    private static DoxException Field(string code, string message, string name) =>
        DoxException.Invalid(code, message, [new Finding("field", code, message, name.Length > MaxFieldName ? name[..MaxFieldName] : name)]);
}
