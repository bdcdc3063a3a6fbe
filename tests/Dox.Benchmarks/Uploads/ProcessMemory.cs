using System.Globalization;

namespace Dox.Benchmarks.Uploads;

/// <summary>What the kernel knows of a process's memory, in bytes. Linux alone.</summary>
internal static class ProcessMemory
{
    /// <summary>Makes the peak what it holds now.</summary>
    public static void ForgetPeak(int id) => File.WriteAllText($"/proc/{id}/clear_refs", "5");

    /// <summary>What it holds now.</summary>
    public static long Resident(int id) => Kilobytes(id, "VmRSS:") * 1024;

    /// <summary>The most that it held since <see cref="ForgetPeak"/>.</summary>
    public static long Peak(int id) => Kilobytes(id, "VmHWM:") * 1024;

    private static long Kilobytes(int id, string name) => long.Parse(
        File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
}
