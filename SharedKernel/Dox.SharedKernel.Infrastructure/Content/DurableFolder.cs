using System.Runtime.InteropServices;

namespace Dox.SharedKernel.Infrastructure.Content;

/// <summary>
/// A rename survives a power cut only once its folder is on the disk too. .NET opens no folders, so this asks the system; Windows needs no such call.
/// </summary>
public static class DurableFolder
{
    /// <summary>Brings the folder's entries to the disk.</summary>
    /// <exception cref="IOException">It can't be opened or flushed.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var handle = Native.Open(folder, 0);
        if (handle < 0) throw new IOException($"{folder} can't be opened, error {Marshal.GetLastPInvokeError()}.");
        try
        {
            if (Native.Flush(handle) != 0) throw new IOException($"{folder} can't be flushed, error {Marshal.GetLastPInvokeError()}.");
        }
        finally
        {
            _ = Native.Close(handle);
        }
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Flush(int handle);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Close(int handle);
    }
}
