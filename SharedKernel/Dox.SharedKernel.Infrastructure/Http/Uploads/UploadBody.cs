using System.Security.Cryptography;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Content;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>
/// A body being read. What goes wrong with the connection or the framing is the sender's fault and comes out as a 4xx, apart from what
/// goes wrong while storing. Hashes what passes where a digest of the whole is to be checked.
/// </summary>
internal sealed class UploadBody(Stream inner, long maxLength, IncrementalHash? hash = null) : Stream
{
    /// <summary>What a request may have beside the file's bytes: a form's fields, headers of parts, framing.</summary>
    public const long Overhead = 1024 * 1024;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Refuses what its Content-Length says is too much, and has the server pass on so much at most; its own limit is 30 MB.</summary>
    /// <param name="request">Not read yet.</param>
    /// <param name="maxLength">Of the file.</param>
    /// <param name="maxContentLength">What the Content-Length may say.</param>
    public static void Limit(HttpRequest request, long maxLength, long maxContentLength)
    {
        var limit = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>();
        var tooLarge = request.ContentLength > maxContentLength;
        // Kestrel counts the framing of chunks too. A refused body it reads away for 5 s at most, without which the sender may never see the answer.
        if (limit is { IsReadOnly: false }) limit.MaxRequestBodySize = tooLarge ? null : maxLength + Overhead;
        if (tooLarge) throw ContentFaults.TooLarge(maxLength);
    }

    /// <summary>Runs <paramref name="read"/>, which may only read from the sender.</summary>
    public static async ValueTask<T> ReadingAsync<T>(long maxLength, Func<ValueTask<T>> read)
    {
        try
        {
            return await read();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw ContentFaults.TooLarge(maxLength);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            throw new DoxException(408, "upload_too_slow", "The body came too slowly. Try again over a faster line.");
        }
        catch (InvalidDataException e)
        {
            throw DoxException.Invalid("malformed_multipart", $"The multipart body can't be read: {e.Message}");
        }
        catch (IOException)
        {
            throw DoxException.Invalid("upload_incomplete", "The body ended before its end, or isn't framed as its headers say. Send it again.");
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ReadingAsync(maxLength, async () =>
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            hash?.AppendData(buffer.Span[..read]);
            return read;
        });

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read asynchronously.");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
