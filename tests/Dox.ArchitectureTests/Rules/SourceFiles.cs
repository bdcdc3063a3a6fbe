namespace Dox.ArchitectureTests.Rules;

/// <summary>What holds for every source file.</summary>
internal static class SourceFiles
{
    private const int MostLines = 400;

    private static readonly string[] s_notOurs = ["obj", "bin", "artifacts", "node_modules"];
    private static readonly string[] s_bannedWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Common"];

    /// <summary>Files by pattern, but those that a build made.</summary>
    public static IEnumerable<string> Under(string folder, string pattern)
    {
        foreach (var file in Directory.EnumerateFiles(folder, pattern)) yield return file;
        foreach (var inner in Directory.EnumerateDirectories(folder))
        {
            var name = Path.GetFileName(inner);
            if (name.StartsWith('.') || s_notOurs.Contains(name, StringComparer.Ordinal)) continue;
            foreach (var file in Under(inner, pattern)) yield return file;
        }
    }

    public static IReadOnlyList<string> TooLong(string root) =>
    [
        .. Under(root, "*.cs")
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}Migrations{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => (File: file, Lines: File.ReadLines(file).Count()))
            .Where(f => f.Lines >= MostLines)
            .Select(f => $"{Path.GetRelativePath(root, f.File)} has {f.Lines} lines; a file has under {MostLines}."),
    ];

    /// <summary>Names that say nothing, of files and of types.</summary>
    public static IReadOnlyList<string> EmptyNames(IEnumerable<string> names) =>
        [.. names.Where(name => Words(name).Intersect(s_bannedWords, StringComparer.Ordinal).Any()).Select(name => $"{name} says nothing of what it does.")];

    private static IEnumerable<string> Words(string name)
    {
        var start = 0;
        for (var i = 1; i <= name.Length; i++)
        {
            if (i < name.Length && !char.IsUpper(name[i])) continue;
            yield return name[start..i];
            start = i;
        }
    }
}
