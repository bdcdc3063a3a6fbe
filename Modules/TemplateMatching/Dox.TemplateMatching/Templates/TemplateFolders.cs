namespace Dox.TemplateMatching.Templates;

/// <summary>The definitions in folders, each file read again only when it changed. Of a file that can't be read any more the last template that it held stays.</summary>
internal sealed class TemplateFolders(IReadOnlyList<string> folders)
{
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _missing = [];

    /// <summary>What became of each file, and of folders that aren't there; null where nothing changed since the last look.</summary>
    public async Task<IReadOnlyList<ParsedTemplate>?> ReadChangedAsync(CancellationToken cancellationToken)
    {
        var missing = folders.Where(f => !Directory.Exists(Full(f))).ToList();
        var files = folders.Select(Full).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => (Path: path, Name: Path.GetRelativePath(folder, path))))
            .DistinctBy(file => file.Path, StringComparer.Ordinal).ToList();
        var gone = _known.Keys.Except(files.Select(f => f.Path), StringComparer.Ordinal).ToList();
        var changed = gone.Count > 0 || !missing.SequenceEqual(_missing, StringComparer.Ordinal);
        foreach (var path in gone) _known.Remove(path);
        foreach (var (path, name) in files)
        {
            var stamp = StampOf(path);
            var known = _known.GetValueOrDefault(path);
            if (known is not null && known.Stamp == stamp) continue;
            var parsed = await ReadAsync(path, name, cancellationToken);
            _known[path] = new(stamp, parsed with { Template = parsed.Template ?? known?.Parsed.Template });
            changed = true;
        }

        _missing = missing;
        return changed ? [.. missing.Select(Missing), .. files.Select(f => _known[f.Path].Parsed)] : null;
    }

    private static ParsedTemplate Missing(string folder) =>
        new(null, [new(folder, 0, 0, "no_folder", $"There is no folder '{folder}' (Dox:TemplateMatching:TemplatesPath).")]);

    private static string Full(string folder) => Path.GetFullPath(folder, AppContext.BaseDirectory);

    private static async Task<ParsedTemplate> ReadAsync(string path, string name, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(path).Length > 4 * YamlTree.MaxLength
                ? new(null, [new(name, 1, 1, "too_large", "The file is too large for a definition.")])
                : TemplateParser.Parse(await File.ReadAllTextAsync(path, cancellationToken), name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, [new(name, 0, 0, "unreadable", e.Message)]);
        }
    }

    private static (long Length, DateTime Written) StampOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.Length, file.LastWriteTimeUtc) : default;
    }

    private sealed record Known((long Length, DateTime Written) Stamp, ParsedTemplate Parsed);
}
