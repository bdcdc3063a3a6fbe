using Dox.Workflows.Rules;

namespace Dox.Orchestration.Rules;

/// <summary>
/// The files in the folders of rules, each read again only when it changed. Of a file that can't be read any more the last rule that it held
/// stays, with what is wrong now.
/// </summary>
internal sealed class RuleFiles(RuleParser parser, IReadOnlyList<string> folders)
{
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>What became of each file; null where no file changed since the last look.</summary>
    public IReadOnlyList<RuleParseResult>? ReadChanged()
    {
        var files = folders.Where(Directory.Exists).SelectMany(RuleSet.FilesIn).Select(path => (Path: path, Stamp: StampOf(path))).ToList();
        var changed = _known.Count != files.Count;
        foreach (var gone in _known.Keys.Except(files.Select(file => file.Path), StringComparer.Ordinal).ToList())
        {
            _known.Remove(gone);
            changed = true;
        }

        foreach (var (path, stamp) in files)
        {
            var known = _known.GetValueOrDefault(path);
            if (known is not null && known.Stamp == stamp) continue;
            _known[path] = Read(path, stamp, known?.LastGood);
            changed = true;
        }

        return changed ? [.. files.Select(file => _known[file.Path].Result)] : null;
    }

    /// <summary>Gives files that hold no rule, and never did in this process, the one that they held before.</summary>
    /// <param name="find">The rule of that file name, or null.</param>
    public async Task<IReadOnlyList<RuleParseResult>> RestoreAsync(Func<string, Task<Rule?>> find)
    {
        foreach (var (path, known) in _known.Where(file => file.Value.Result.Rule is null).ToList())
            if (await find(path) is { } rule) _known[path] = known with { Result = known.Result with { Rule = rule }, LastGood = rule };
        return [.. _known.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => file.Value.Result)];
    }

    private Known Read(string path, (long Length, DateTime Written) stamp, Rule? lastGood)
    {
        var result = RuleSet.ReadFile(parser, path, Path.GetFileName(path));
        return result.Rule is { } rule ? new Known(stamp, result, rule) : new Known(stamp, result with { Rule = lastGood }, lastGood);
    }

    private static (long Length, DateTime Written) StampOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.Length, file.LastWriteTimeUtc) : default;
    }

    private sealed record Known((long Length, DateTime Written) Stamp, RuleParseResult Result, Rule? LastGood);
}
