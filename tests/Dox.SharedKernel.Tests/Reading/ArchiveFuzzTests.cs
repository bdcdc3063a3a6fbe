using System.IO.Compression;
using CsCheck;

namespace Dox.SharedKernel.Tests.Reading;

/// <summary>
/// The guard's own reader of archives, over archives that were changed at random. What it lets through must never inflate to more than it says: the
/// framework's reader, which believes an archive more than we do, is the judge.
/// </summary>
public sealed class ArchiveFuzzTests : ReaderTests
{
    // As many as a child is given before another takes its place, so that one more means that one was lost
    private const int Files = 1000;
    private static readonly int[] TellingNumbers = [0, 1, 8, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, -1];

    private static readonly Gen<(int Kind, int Where, int Value)> Change =
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, int.MaxValue], Gen.OneOf(Gen.Int[0, 255], Gen.Int[0, TellingNumbers.Length - 1].Select(i => TellingNumbers[i])));

    private static readonly (string Type, byte[] File)[] Seeds =
    [
        ("application/zip", Zip(("a.txt", new byte[5000]), ("b.bin", Noise(700)))),
        ("application/zip", Zip(("inner.zip", Zip(("c.txt", new byte[3000]))), ("d.gz", Gzip(new byte[2000])))),
        ("application/zip", Zip([.. Enumerable.Range(0, 40).Select(i => ($"{i}", new byte[i * 10]))])),
        ("application/gzip", [.. Gzip(new byte[5000]), .. Gzip(Noise(300))]),
    ];

    [Test]
    public async Task Whatever_is_done_to_an_archive_it_gets_a_verdict_of_its_own_and_what_passes_inflates_to_no_more_than_was_said()
    {
        var outcomes = new System.Collections.Concurrent.ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        await Gen.Select(Gen.Int[0, Seeds.Length - 1], Change.Array[0, 5]).SampleAsync(async given =>
        {
            var (type, seed) = Seeds[given.Item1];
            var file = given.Item2.Aggregate(seed, Changed);
            var told = await InspectAsync(file, type);

            outcomes.AddOrUpdate(told.IsOk ? "ok" : told.Code, 1, (_, count) => count + 1);
            if (!told.IsOk) Assert.That(told.Code, Does.StartWith("archive_").Or.EqualTo("inflated_too_large").Or.EqualTo("inflate_ratio_too_high"), told.ToString());
            else if (Inflated(file, type) is { } really) Assert.That(really, Is.LessThanOrEqualTo(told.InflatedBytes), told.ToString());
        }, iter: Files, threads: 2);

        Assert.That(Pool.Started, Is.LessThanOrEqualTo(2), "no child was lost over one");
        Assert.That(outcomes.Keys, Is.SupersetOf(["ok", "archive_broken", "archive_sizes_lie"]), "the changes reach what they are meant for");
    }

    private static byte[] Changed(byte[] file, (int Kind, int Where, int Value) change)
    {
        if (file.Length == 0) return file;
        var at = change.Where % file.Length;
        var changed = (byte[])file.Clone();
        switch (change.Kind)
        {
            case 0:
                changed[at] ^= (byte)(1 << (change.Value & 7));
                return changed;
            case 1:
                changed[at] = (byte)change.Value;
                return changed;
            // Near the end, where an archive's directory is
            case 2 when file.Length >= 130:
                BitConverter.TryWriteBytes(changed.AsSpan(file.Length - 4 - (change.Where % 126)), change.Value);
                return changed;
            case 3:
                return file[..at];
            case 4:
                return [.. file[..at], .. file[(file.Length / 2)..], .. file[at..]];
            case 5:
                return [.. file[..at], (byte)change.Value, .. file[at..]];
            default:
                return [.. file[..at], .. file[Math.Min(file.Length, at + 1 + (change.Value & 15))..]];
        }
    }

    /// <summary>What the framework inflates it to; null where it can't open it to its end.</summary>
    private static long? Inflated(byte[] file, string type)
    {
        try
        {
            using var stream = new MemoryStream(file);
            if (type == "application/gzip") return Length(new GZipStream(stream, CompressionMode.Decompress));
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            return zip.Entries.Sum(entry => Length(entry.Open()));
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }

    private static long Length(Stream inflating)
    {
        using (inflating)
        {
            var block = new byte[8192];
            long length = 0;
            for (int read; (read = inflating.Read(block)) > 0;) length += read;
            return length;
        }
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return archive.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionMode.Compress)) gzip.Write(content);
        return file.ToArray();
    }

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
