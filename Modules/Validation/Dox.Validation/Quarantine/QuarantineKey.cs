using System.Security.Cryptography;
using Dox.SharedKernel.Infrastructure.Configuration;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Quarantine;

/// <summary>The key that quarantined bytes are encrypted with: <c>ENCRYPTION_KEY</c>, else one that is made once and lies beside them.</summary>
internal sealed class QuarantineKey(IOptions<ValidationOptions> options)
{
    private const string FileName = "quarantine.key";

    private readonly Lazy<byte[]> _key = new(() => Read(options.Value.Quarantine));

    /// <summary>A key for one file alone.</summary>
    public byte[] ForFile(ReadOnlySpan<byte> salt) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key.Value, EncryptionKey.Length, salt.ToArray(), "dox quarantine v1"u8.ToArray());

    private static byte[] Read(QuarantineOptions options)
    {
        if (options.EncryptionKey is { Length: > 0 } given) return EncryptionKey.Parse(given)!;
        Directory.CreateDirectory(options.Path);
        var path = Path.Combine(options.Path, FileName);
        if (!File.Exists(path)) Make(path);
        return File.ReadAllBytes(path) is { Length: EncryptionKey.Length } kept ? kept : throw new InvalidDataException($"{path} isn't a key of {EncryptionKey.Length} bytes.");
    }

    // Whole, under its name, once: another process may make one at the same moment
    private static void Make(string path)
    {
        var partial = $"{path}.{Guid.CreateVersion7():N}";
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(partial, create))
        {
            file.Write(RandomNumberGenerator.GetBytes(EncryptionKey.Length));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(partial, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(partial);
        }
    }
}
