namespace Dox.Host.Demo;

/// <summary>Where the demo keeps everything: the folder asked for, or a temporary one that goes with it.</summary>
internal sealed class DemoFolder : IDisposable
{
    public DemoFolder(DirectoryInfo? wanted)
    {
        IsTemporary = wanted is null;
        Path = (wanted is null ? Directory.CreateTempSubdirectory("dox-demo-") : Directory.CreateDirectory(wanted.FullName)).FullName;
    }

    public string Path { get; }

    public bool IsTemporary { get; }

    public void Dispose()
    {
        if (IsTemporary)
            Directory.Delete(Path, recursive: true);
    }
}
