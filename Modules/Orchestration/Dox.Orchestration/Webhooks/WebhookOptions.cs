namespace Dox.Orchestration.Webhooks;

/// <summary>How webhooks are called. Section <c>Dox:Webhooks</c>.</summary>
internal sealed class WebhookOptions
{
    /// <summary>
    /// Hosts inside the network that may be called all the same, and over plain HTTP: names or addresses, with a port where only that one is meant.
    /// Anything else that isn't a public address is refused.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>How long a receiver may take to answer.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait after the first failure; each further wait is four times as long, give or take a fifth.</summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between two attempts.</summary>
    public TimeSpan LongestDelay { get; set; } = TimeSpan.FromHours(6);

    /// <summary>After how many attempts an event is given up for a receiver, until somebody redrives it.</summary>
    public int MaxAttempts { get; set; } = 10;

    /// <summary>How long the old secret signs too after it was replaced.</summary>
    public TimeSpan SecretOverlap { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How many events one receiver is sent at once; those of one run always one after another.</summary>
    public int Concurrency { get; set; } = 4;

    /// <summary>How long what became of a delivery is kept.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>32 bytes as base64 or hexadecimal digits: with it secrets are encrypted in the database. <c>ENCRYPTION_KEY</c>.</summary>
    public string? EncryptionKey { get; set; }

    public static IEnumerable<string> Problems(WebhookOptions options)
    {
        if (options.Timeout <= TimeSpan.Zero) yield return "Dox:Webhooks:Timeout must be more than nothing.";
        if (options.FirstDelay <= TimeSpan.Zero) yield return "Dox:Webhooks:FirstDelay must be more than nothing.";
        if (options.LongestDelay < options.FirstDelay) yield return "Dox:Webhooks:LongestDelay must be at least FirstDelay.";
        if (options.MaxAttempts < 1) yield return $"Dox:Webhooks:MaxAttempts is {options.MaxAttempts}; it must be at least 1.";
        if (options.SecretOverlap < TimeSpan.Zero) yield return "Dox:Webhooks:SecretOverlap must not be negative.";
        if (options.Concurrency is < 1 or > 64) yield return $"Dox:Webhooks:Concurrency is {options.Concurrency}; it must be 1 to 64.";
        if (options.EncryptionKey is { Length: > 0 } given && SharedKernel.Infrastructure.Configuration.EncryptionKey.Parse(given) is null)
            yield return "Dox:Webhooks:EncryptionKey isn't a key of 32 bytes, as base64 or as 64 hexadecimal digits. Make one: openssl rand -base64 32.";
        if (options.Retention < TimeSpan.FromHours(1)) yield return "Dox:Webhooks:Retention must be at least an hour.";
    }
}
