namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

/// <summary>Where Redis is. Section <c>Dox:Redis</c>; <c>REDIS_…</c> sets it too.</summary>
public sealed class RedisOptions
{
    /// <summary>Its host; without one nothing uses Redis.</summary>
    public string? Host { get; set; }

    /// <summary>Its port.</summary>
    public int Port { get; set; } = 6379;

    /// <summary>Its password, if it wants one.</summary>
    public string? Password { get; set; }

    /// <summary>The database's number.</summary>
    public int Database { get; set; }

    /// <summary>Whether to speak TLS.</summary>
    public bool Tls { get; set; }

    /// <summary>What all keys begin with.</summary>
    public string Prefix { get; set; } = "dox";

    /// <summary>After how long an entry that its reader didn't acknowledge is taken over. Longer than the longest handler.</summary>
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many requests one module of this process answers at once.</summary>
    public int Concurrency { get; set; } = 64;

    internal static IEnumerable<string> Problems(RedisOptions options)
    {
        if (options.Port is < 1 or > 65535) yield return $"Dox:Redis:Port is {options.Port}; it must be 1 to 65535.";
        if (options.Database < 0) yield return $"Dox:Redis:Database is {options.Database}; it must be at least 0.";
        if (string.IsNullOrWhiteSpace(options.Prefix)) yield return "Dox:Redis:Prefix is empty; keys must begin with something.";
        if (options.TakeOverAfter <= TimeSpan.Zero) yield return "Dox:Redis:TakeOverAfter must be more than nothing.";
        if (options.Concurrency < 1) yield return $"Dox:Redis:Concurrency is {options.Concurrency}; it must be at least 1.";
    }
}
