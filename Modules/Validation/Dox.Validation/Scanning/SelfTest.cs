using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;

namespace Dox.Validation.Scanning;

/// <summary>
/// Whether a scanner can be believed: it finds the test virus, it doesn't call something clean that is nested too deep for it, and it looks
/// at files as large as ours to their end. clamd answers OK to all that it left out, unless its configuration says otherwise.
/// </summary>
internal static class SelfTest
{
    private const int DeeperThanAnyLimit = 20;

    // In parts: a scanner mustn't find it in our assembly
    private static readonly string[] s_eicar = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}", "EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!", "H+H*"];

    /// <summary>What is wrong with the scanner, with what to do; empty where it can be believed.</summary>
    /// <exception cref="ClamdException">It didn't answer.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(ClamdClient clamd, long largest, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var virus = TestVirus();
        if ((await ScanAsync(clamd, virus, cancellationToken)).Outcome != ClamdOutcome.Infected)
        {
            // The rest rests on it
            return ["The scanner doesn't find the test virus: its signatures are missing or broken. Run freshclam."];
        }

        if ((await ScanAsync(clamd, Nested(virus), cancellationToken)).Outcome == ClamdOutcome.Clean)
            problems.Add("The scanner calls archives clean that are nested too deep for it. Set AlertExceedsMax yes in clamd.conf.");
        if (await LargeAsync(clamd, virus, largest, cancellationToken) is { } problem) problems.Add(problem);
        return problems;
    }

    internal static byte[] TestVirus() => Encoding.ASCII.GetBytes($"{s_eicar[0]}${s_eicar[1]}{s_eicar[2]}${s_eicar[3]}");

    private static async Task<ClamdReply> ScanAsync(ClamdClient clamd, byte[] content, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content);
        return await clamd.ScanAsync(stream, cancellationToken);
    }

    // Compressed: a signature that isn't bound to a file's start would be met in the outermost one otherwise
    private static byte[] Nested(byte[] content)
    {
        for (var depth = 0; depth < DeeperThanAnyLimit; depth++)
        {
            using var archive = new MemoryStream();
            using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
            using (var entry = zip.CreateEntry($"{depth}.bin", CompressionLevel.SmallestSize).Open())
            {
                entry.Write(content);
            }

            content = archive.ToArray();
        }

        return content;
    }

    // An archive as large as our largest file, the virus at its very end
    private static async Task<string?> LargeAsync(ClamdClient clamd, byte[] virus, long largest, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        var writing = WriteAsync(pipe.Writer, virus, largest, cancellationToken);
        try
        {
            var reply = await clamd.ScanAsync(pipe.Reader.AsStream(), cancellationToken);
            return reply.Outcome switch
            {
                ClamdOutcome.Infected => null,
                ClamdOutcome.Unscannable => $"The scanner's limits are under ours ({largest / (1024 * 1024)} MB). Set StreamMaxLength, MaxFileSize and MaxScanSize in clamd.conf to more.",
                ClamdOutcome.Clean => $"The scanner calls files of {largest / (1024 * 1024)} MB clean without looking at their end. Set MaxFileSize and MaxScanSize to more, and AlertExceedsMax yes, in clamd.conf.",
                _ => $"The scanner fails at files of {largest / (1024 * 1024)} MB: {reply.Detail}.",
            };
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await writing;
        }
    }

    private static async Task WriteAsync(PipeWriter writer, byte[] virus, long largest, CancellationToken cancellationToken)
    {
        const int Around = 1024;
        try
        {
            await using var stream = writer.AsStream();
            await using var zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
            await using (var filling = await zip.CreateEntry("filling.bin", CompressionLevel.NoCompression).OpenAsync(cancellationToken))
            {
                var zeros = new byte[64 * 1024];
                for (var left = largest - virus.Length - Around; left > 0; left -= zeros.Length)
                    await filling.WriteAsync(zeros.AsMemory(0, (int)Math.Min(left, zeros.Length)), cancellationToken);
            }

            await using var end = await zip.CreateEntry("end.com", CompressionLevel.NoCompression).OpenAsync(cancellationToken);
            await end.WriteAsync(virus, cancellationToken);
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException or IOException)
        {
            // The scanner had enough, or gave up: the reply says which
        }
        finally
        {
            await writer.CompleteAsync();
        }
    }
}
