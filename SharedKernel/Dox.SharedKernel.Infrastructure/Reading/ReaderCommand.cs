using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Dox.SharedKernel.Infrastructure.Reading;

/// <summary>How a child is started: limits first, then the runtime, with nothing of our environment that it doesn't need.</summary>
internal static class ReaderCommand
{
    private static readonly string[] Kept = ["PATH", "DOTNET_ROOT", "LD_LIBRARY_PATH", "SystemRoot"];

    public static ProcessStartInfo For(DocumentReaderOptions options, string folder)
    {
        var reader = Path.GetFullPath(options.ReaderPath, AppContext.BaseDirectory);
        if (!File.Exists(reader)) throw new DocumentReaderUnavailableException($"The document reader isn't at '{reader}'.");
        var start = new ProcessStartInfo
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var runtime = DotNet();
        if (OperatingSystem.IsLinux())
        {
            // exec: the limits stay, the shell goes, and the process we watch and kill is the reader itself
            var kilobytes = (options.AddressSpaceLimit / 1024).ToString(CultureInfo.InvariantCulture);
            start.FileName = "/bin/sh";
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add($"ulimit -c 0; ulimit -v {kilobytes} && exec \"$0\" \"$@\"");
            start.ArgumentList.Add(runtime);
        }
        else
        {
            start.FileName = runtime;
        }

        start.ArgumentList.Add(reader);
        SetEnvironment(start.Environment, options, folder);
        return start;
    }

    private static void SetEnvironment(IDictionary<string, string?> environment, DocumentReaderOptions options, string folder)
    {
        var kept = Kept
            .Select(name => (name, value: Environment.GetEnvironmentVariable(name)))
            .Where(v => v.value is not null)
            .ToList();
        environment.Clear();
        foreach (var (name, value) in kept) environment[name] = value;

        environment["TMPDIR"] = environment["TEMP"] = environment["HOME"] = folder;
        environment["DOTNET_GCHeapHardLimit"] = (options.MemoryLimit / 4 * 3).ToString("X", CultureInfo.InvariantCulture);
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_DbgEnableMiniDump"] = "0";
        environment["DOTNET_EnableWriteXorExecute"] = "0"; // its double mapping costs address space and start-up
    }

    /// <summary>The runtime's own launcher beside the shared framework we run on; a self-contained host falls back to PATH.</summary>
    private static string DotNet()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var framework = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory());
        var root = framework.Parent?.Parent?.Parent?.FullName;
        var beside = root is null ? name : Path.Combine(root, name);
        return File.Exists(beside) ? beside : name;
    }
}
