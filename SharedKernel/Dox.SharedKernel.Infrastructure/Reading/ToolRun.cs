using System.Diagnostics;

namespace Dox.SharedKernel.Infrastructure.Reading;

/// <summary>How a program of the machine ended.</summary>
/// <param name="ExitCode">Null where it took too long and was killed.</param>
/// <param name="Output">The first characters that it wrote.</param>
public sealed record ToolRun(int? ExitCode, string Output)
{
    private const int MaxKilobytes = 1024 * 1024;

    /// <summary>Where the program is; null where it isn't installed.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => new[] { Path.Combine(folder, name), Path.Combine(folder, name + ".exe") })
        .FirstOrDefault(File.Exists);

    /// <summary>Runs the program over foreign content: bounded in time and memory, and with nothing of our environment.</summary>
    /// <param name="program">Where it is.</param>
    /// <param name="arguments">As they are; no shell reads them.</param>
    /// <param name="folder">What it may call its home.</param>
    /// <param name="limit">After which it is killed.</param>
    /// <param name="maxOutput">Characters of its output that are kept.</param>
    /// <param name="cancellationToken">Kills it too.</param>
    public static async Task<ToolRun> RunAsync(
        string program, IReadOnlyList<string> arguments, string folder, TimeSpan limit, int maxOutput, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        using var process = new Process { StartInfo = Start(program, arguments, folder) };
        process.Start();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            var buffer = new char[maxOutput];
            var output = process.StandardOutput.ReadBlockAsync(buffer, deadline.Token);
            var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, deadline.Token);
            var length = await output;
            await process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, deadline.Token);
            await errors;
            await process.WaitForExitAsync(deadline.Token);
            return new(process.ExitCode, new string(buffer, 0, length));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return new(null, "");
        }
    }

    private static ProcessStartInfo Start(string program, IReadOnlyList<string> arguments, string folder)
    {
        var start = new ProcessStartInfo
        {
            WorkingDirectory = folder,
            RedirectStandardInput = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (OperatingSystem.IsLinux())
        {
            // exec: the limit stays, the shell goes, and what we kill is the program itself
            start.FileName = "/bin/sh";
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add($"ulimit -c 0; ulimit -v {MaxKilobytes} && exec \"$0\" \"$@\"");
            start.ArgumentList.Add(program);
        }
        else
        {
            start.FileName = program;
        }

        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        // One core a document: several would take each other's
        start.Environment["OMP_THREAD_LIMIT"] = "1";
        start.Environment["TMPDIR"] = start.Environment["HOME"] = folder;
        return start;
    }
}
