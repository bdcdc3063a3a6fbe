using Dox.SharedKernel.Infrastructure.Content;
using Dox.TeamCoordination.Teams;
using Microsoft.Extensions.Options;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>The folder of the banks, which others read and write too.</summary>
internal sealed class BankFolder
{
    private readonly List<string> _teams;
    private readonly string _root;

    public BankFolder(IOptions<MemoryBankOptions> options, TeamDirectory teams)
    {
        _root = Path.GetFullPath(options.Value.Path);
        _teams = [.. teams.All.Select(t => t.Name)];
        Directory.CreateDirectory(_root);
    }

    public string PathOf(string bank) => Path.Combine(_root, bank);

    /// <summary>The bank's own name; null where it is no bank's.</summary>
    public string? NameOf(string name) => BankName.Find(name, _teams);

    /// <summary>
    /// Where the bank is to be read: its file, or, until there is one, the file of a writer who spells the team in another case.
    /// Null where there is neither.
    /// </summary>
    public string? Locate(string bank)
    {
        var path = PathOf(bank);
        if (File.Exists(path)) return path;
        return Directory.EnumerateFiles(_root, "*.json").FirstOrDefault(p => string.Equals(Path.GetFileName(p), bank, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The banks that lie there, by their own names.</summary>
    public IEnumerable<string> All() =>
        Directory.EnumerateFiles(_root, "*.json").Select(p => NameOf(Path.GetFileName(p))).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>When the bank's file was last changed, and its length; null where there is none.</summary>
    public BankStamp? StampOf(string bank)
    {
        var file = new FileInfo(PathOf(bank));
        return file.Exists ? new(file.LastWriteTimeUtc, file.Length) : null;
    }

    public static void SetAside(string path, DateTimeOffset now) => File.Move(path, $"{path}.broken-{now.UtcDateTime:yyyyMMddTHHmmssfff}Z", overwrite: true);

    /// <summary>Writes the content whole and onto the disk, beside the bank; nobody reads it under that name.</summary>
    public string WriteBeside(string bank, string agent, byte[] content)
    {
        // Only who holds the lock makes these: what lies here is from one who died or lost it, and must never become the bank.
        foreach (var left in Directory.EnumerateFiles(_root, $"{bank}.*.tmp")) File.Delete(left);
        var path = PathOf($"{bank}.{agent}.tmp");
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        if (!OperatingSystem.IsWindows() && File.Exists(PathOf(bank))) File.SetUnixFileMode(path, File.GetUnixFileMode(PathOf(bank)));
        return path;
    }

    /// <summary>Makes what was written beside it the bank, at once.</summary>
    public void Replace(string bank, string beside)
    {
        File.Move(beside, PathOf(bank), overwrite: true);
        DurableFolder.Flush(_root);
    }
}

/// <summary>By which it shows that somebody wrote a file.</summary>
internal sealed record BankStamp(DateTime Changed, long Length);
