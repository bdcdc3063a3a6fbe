using System.Text.Json.Nodes;

namespace Dox.TeamCoordination.Tests.MemoryBanks;

/// <summary>Another program that writes a bank, by the rules that all agreed on and by code of its own.</summary>
internal sealed class OutsideWriter(string bank, string agent, TimeProvider clock)
{
    private string? _lock;
    private JsonObject? _read;

    private string LockFile => bank + ".lock";

    public bool IsWriting => _lock is not null;

    /// <summary>Takes the lock and reads the bank; false where somebody else holds it.</summary>
    public bool Begin()
    {
        var content = new JsonObject
        {
            ["agent_id"] = agent,
            ["timestamp"] = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0,
            ["expires_at"] = clock.GetUtcNow().AddSeconds(30).ToUnixTimeMilliseconds() / 1000.0,
            ["token"] = Guid.CreateVersion7(clock.GetUtcNow()).ToString(),
        }.ToJsonString();
        try
        {
            if (File.Exists(LockFile) && IsStale(File.ReadAllText(LockFile))) File.Delete(LockFile);
            using var file = new FileStream(LockFile, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            file.Write(System.Text.Encoding.UTF8.GetBytes(content));
        }
        catch (IOException)
        {
            return false;
        }

        _lock = content;
        _read = File.Exists(bank) ? JsonNode.Parse(File.ReadAllText(bank))!.AsObject() : [];
        return true;
    }

    /// <summary>Adds, writes and lets go; false where the lock was lost, and nothing is written.</summary>
    public bool Finish(string key, int amount)
    {
        var (mine, content) = (_lock!, _read!);
        (_lock, _read) = (null, null);
        if (IsStale(mine) || !File.Exists(LockFile) || File.ReadAllText(LockFile) != mine) return false;
        content[key] = (content[key] is { } number ? (int)number : 0) + amount;
        File.WriteAllText($"{bank}.{agent}", content.ToJsonString());
        File.Move($"{bank}.{agent}", bank, overwrite: true);
        File.Delete(LockFile);
        return true;
    }

    /// <summary>Ends as a killed process does: its lock stays.</summary>
    public void Die() => (_lock, _read) = (null, null);

    private bool IsStale(string content)
    {
        var expires = JsonNode.Parse(content)!["expires_at"]!.AsValue();
        var moment = expires.TryGetValue<double>(out var seconds) ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : expires.GetValue<DateTimeOffset>();
        return moment <= clock.GetUtcNow();
    }
}
