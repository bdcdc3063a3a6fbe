namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>
/// A bank that is being written: its lock is held, its new content lies ready beside it. Three steps follow, and a crash between any two
/// loses and doubles nothing: <see cref="Replace"/>, then the writer's mark in the database, then <see cref="Dispose"/>.
/// </summary>
internal sealed class BankEdit(string file, BankFolder folder, BankLock held) : IDisposable
{
    public string File => file;

    /// <summary>What the database knew when the lock was taken.</summary>
    public required BankState Before { get; init; }

    /// <summary>The newest batch in the content.</summary>
    public required long Applied { get; init; }

    /// <summary>The whole content, as it will stand in the file.</summary>
    public required byte[] Content { get; init; }

    /// <summary>Where the new content lies; null where the file is as it should be.</summary>
    public required string? Beside { get; init; }

    /// <summary>The updates that the content shows and the file didn't; empty where the file shows them already.</summary>
    public IReadOnlyList<BankUpdateRow> Updates { get; init; } = [];

    /// <summary>Whether somebody else wrote the file since we last did, or it had to be made anew: then this version is kept at once.</summary>
    public required bool IsNews { get; init; }

    /// <summary>Makes the content the bank; false where the lock was lost, and nothing happened.</summary>
    public bool Replace()
    {
        if (Beside is null) return true;
        if (!held.Holds()) return false;
        try
        {
            folder.Replace(file, Beside);
            return true;
        }
        catch (FileNotFoundException)
        {
            // Who took the lock over threw it out.
            return false;
        }
    }

    public void Dispose()
    {
        if (Beside is not null) System.IO.File.Delete(Beside);
        held.Dispose();
    }
}
