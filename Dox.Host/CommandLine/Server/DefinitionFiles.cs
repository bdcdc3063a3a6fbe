using System.Text;
using Dox.Client;

namespace Dox.Host.CommandLine.Server;

/// <summary>Files that verbs send.</summary>
internal static class DefinitionFiles
{
    private static readonly string[] s_extensions = [".yml", ".yaml", ".json"];

    /// <exception cref="FormatException">There is none.</exception>
    public static Task<byte[]> BytesAsync(FileInfo file, CancellationToken cancellation) =>
        file.Exists ? File.ReadAllBytesAsync(file.FullName, cancellation) : throw new FormatException($"There is no file '{file}'.");

    /// <exception cref="FormatException">There is none.</exception>
    public static async Task<Definition> ReadAsync(FileInfo file, CancellationToken cancellation) => new() { Source = Encoding.UTF8.GetString(await BytesAsync(file, cancellation)) };

    /// <summary>The files, and those of the folders, with what they are called in messages: a folder's by their way from it.</summary>
    /// <exception cref="FormatException">A path leads nowhere.</exception>
    public static IEnumerable<(string Path, FileInfo File)> Under(IEnumerable<FileSystemInfo> paths)
    {
        foreach (var path in paths)
        {
            if (path is DirectoryInfo { Exists: true } folder)
            {
                foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories).Where(f => s_extensions.Contains(f.Extension, StringComparer.OrdinalIgnoreCase)).OrderBy(f => f.FullName, StringComparer.Ordinal))
                    yield return (Path.GetRelativePath(folder.FullName, file.FullName), file);
            }
            else
            {
                yield return path.Exists ? (path.Name, new FileInfo(path.FullName)) : throw new FormatException($"There is no file or folder '{path}'.");
            }
        }
    }
}
