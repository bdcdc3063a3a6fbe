using System.Globalization;
using System.Runtime.InteropServices;

namespace Dox.Benchmarks;

/// <summary>
/// Processor time of this process and of those that it started (its database), which a busy machine changes less than it changes a clock's time. Read
/// where the system keeps it in files; elsewhere there is none.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ProcessorTime(TimeSpan Own, TimeSpan Children)
{
    // USER_HZ: what these files count in, whatever the kernel's own clock
    private const double TicksPerSecond = 100;
    private const int Parent = 1;
    private const int UserTime = 11;
    private const int SystemTime = 12;

    public static ProcessorTime Now()
    {
        var own = Environment.CpuUsage.TotalTime;
        if (!OperatingSystem.IsLinux()) return new(own, TimeSpan.Zero);
        var processes = new Dictionary<int, (int Parent, double Seconds)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                // The name in brackets may hold anything
                var fields = File.ReadAllText(Path.Combine(folder, "stat")).Split(')')[^1].Trim().Split(' ');
                processes[id] = (int.Parse(fields[Parent], CultureInfo.InvariantCulture),
                    (double.Parse(fields[UserTime], CultureInfo.InvariantCulture) + double.Parse(fields[SystemTime], CultureInfo.InvariantCulture)) / TicksPerSecond);
            }
            catch (IOException)
            {
                // It ended between the two.
            }
        }

        return new(own, TimeSpan.FromSeconds(processes.Where(p => p.Key != Environment.ProcessId && IsOurs(p.Key)).Sum(p => p.Value.Seconds)));

        bool IsOurs(int id)
        {
            while (id != Environment.ProcessId)
            {
                if (!processes.TryGetValue(id, out var process)) return false;
                id = process.Parent;
            }

            return true;
        }
    }

    /// <summary>From <paramref name="earlier"/> to this one, for each of <paramref name="count"/>, in milliseconds: <c>0.31 + 0.2</c> ms.</summary>
    public string Each(ProcessorTime earlier, double count) => count <= 0 ? "" : string.Create(
        CultureInfo.InvariantCulture, $"{(Own - earlier.Own).TotalMilliseconds / count:0.000} + {(Children - earlier.Children).TotalMilliseconds / count:0.000} ms");
}
