using Microsoft.Extensions.Options;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>Section <c>Dox:MemoryBanks</c>.</summary>
internal sealed class MemoryBankOptions : IValidateOptions<MemoryBankOptions>
{
    /// <summary>The folder; <c>MEMORY_BANK_PATH</c> sets it too.</summary>
    public string Path { get; set; } = "data/memory-banks";

    /// <summary>How long a lock file holds for its owner. Part of what DOX and the other writers agreed on.</summary>
    public TimeSpan LockLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long updates are gathered before a bank is written: many updates, one write.</summary>
    public TimeSpan WriteInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often to look for updates, and for what others wrote, without having been woken.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a bank's whole content goes to the database, from which a broken one is rebuilt with the updates since.</summary>
    public TimeSpan SaveInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long updates are kept after that, for a writer who puts an older file back over ours.</summary>
    public TimeSpan KeepApplied { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How many updates one write takes at most.</summary>
    public int BatchSize { get; set; } = 5000;

    /// <summary>How many executions the log keeps; what is older goes to dated files.</summary>
    public int KeepExecutions { get; set; } = 1000;

    public ValidateOptionsResult Validate(string? name, MemoryBankOptions options)
    {
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Path)) problems.Add("Dox:MemoryBanks:Path (MEMORY_BANK_PATH) is empty: name the folder of the memory banks.");
        else if (File.Exists(options.Path)) problems.Add($"Dox:MemoryBanks:Path (MEMORY_BANK_PATH) is '{options.Path}', which is a file: name a folder.");
        foreach (var (key, value) in new[]
        {
            (nameof(LockLease), options.LockLease), (nameof(WriteInterval), options.WriteInterval), (nameof(PollInterval), options.PollInterval),
            (nameof(SaveInterval), options.SaveInterval), (nameof(KeepApplied), options.KeepApplied),
        })
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1)) problems.Add($"Dox:MemoryBanks:{key} is {value}: it must be more than nothing and at most a day.");
        }

        if (options.BatchSize is < 1 or > 100_000) problems.Add("Dox:MemoryBanks:BatchSize must lie between 1 and 100000.");
        if (options.KeepExecutions is < 10 or > 100_000) problems.Add("Dox:MemoryBanks:KeepExecutions must lie between 10 and 100000.");
        return problems.Count > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }
}
