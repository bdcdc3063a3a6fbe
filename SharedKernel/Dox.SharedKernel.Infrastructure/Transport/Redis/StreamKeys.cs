namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

/// <summary>The names of the streams.</summary>
internal static class StreamKeys
{
    /// <summary>What is asked of a module: replicas compete for it.</summary>
    public static string Commands(string prefix, string module) => $"{prefix}:cmd:{module.ToLowerInvariant()}";

    /// <summary>What a module tells: a group for each subscriber.</summary>
    public static string Events(string prefix, string module) => $"{prefix}:evt:{module.ToLowerInvariant()}";

    /// <summary>Answers to a process.</summary>
    public static string Replies(string prefix, string node) => $"{prefix}:reply:{node}";

    /// <summary>What a module couldn't read.</summary>
    public static string Dead(string prefix, string module) => $"{prefix}:dead:{module.ToLowerInvariant()}";
}
