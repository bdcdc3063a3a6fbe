namespace Dox.Testing;

/// <summary>The repository that the tests were built from.</summary>
public static class Repository
{
    /// <summary>Its top folder.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Dox.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Dox.sln above {from}: tests run in the repository that they were built from.");
    }
}
