using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Dox.SharedKernel.Infrastructure.Reading;

/// <summary>A pipe that takes a whole document of usual size: through its usual 64 KB parent and child wake each other sixteen times a megabyte.</summary>
internal static class WidePipe
{
    /// <summary>What every system lets anybody have.</summary>
    public const int Size = 1024 * 1024;

    private const int SetPipeSize = 1031;

    /// <summary>Widens it where the system can; where it won't, the pipe stays as it was.</summary>
    public static void Widen(Stream stream)
    {
        if (OperatingSystem.IsLinux() && stream is PipeStream pipe) _ = Native.Control(pipe.SafePipeHandle, SetPipeSize, Size);
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Control(SafeHandle handle, int command, int argument);
    }
}
