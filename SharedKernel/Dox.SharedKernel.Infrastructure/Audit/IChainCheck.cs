namespace Dox.SharedKernel.Infrastructure.Audit;

/// <summary>Something whose entries are chained by hashes, and that can be read and checked from end to end. Registered by its module.</summary>
public interface IChainCheck
{
    /// <summary>Whose chains: <c>Orchestration journal</c>.</summary>
    string Name { get; }

    /// <summary>Reads all of it, a part at a time.</summary>
    /// <returns>What is broken, the first break of each chain; last what was read.</returns>
    IAsyncEnumerable<ChainFinding> CheckAsync(CancellationToken cancellationToken);
}

/// <summary>What a check tells.</summary>
/// <param name="Chain">Which one: a run's id, <c>audit</c>.</param>
/// <param name="Position">The first entry that isn't as it was written; 0 of a summary.</param>
/// <param name="Problem">What is wrong, in words; null of a summary.</param>
/// <param name="Chains">Of a summary: how many chains were read.</param>
/// <param name="Entries">Of a summary: how many entries.</param>
/// <param name="Head">Of a summary over one chain: its last hash, to be noted elsewhere.</param>
public sealed record ChainFinding(string Chain, long Position, string? Problem, long Chains = 0, long Entries = 0, string? Head = null)
{
    /// <summary>Of a summary: what else is to be known, in words; what retention took, for instance.</summary>
    public string? Note { get; init; }
}
