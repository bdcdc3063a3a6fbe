using Dox.SharedKernel.Infrastructure.Configuration;
using Microsoft.Extensions.Options;

namespace Dox.Validation;

/// <summary>Section <c>Dox:Validation</c>.</summary>
internal sealed class ValidationOptions
{
    public const string Section = "Dox:Validation";

    /// <summary>The largest document in MiB, 1 to 2047. <c>MAX_FILE_SIZE_MB</c>.</summary>
    public int MaxFileSizeMb { get; set; } = 50;

    /// <summary>Extensions that are let in, of those that DOX can open: pdf, png, jpg, jpeg, tiff, tif; all of them where none is named. <c>ALLOWED_EXTENSIONS</c>.</summary>
    public string[]? AllowedExtensions { get; set; }

    /// <summary>Media types that are let in, of those that DOX can open; all of them where none is named. <c>ALLOWED_MIMETYPES</c>.</summary>
    public string[]? AllowedMediaTypes { get; set; }

    /// <summary>The widest image in pixels, 1 to 100000. <c>IMAGE_MAX_WIDTH</c>.</summary>
    public int ImageMaxWidth { get; set; } = 4000;

    /// <summary>The highest image in pixels, 1 to 100000. <c>IMAGE_MAX_HEIGHT</c>.</summary>
    public int ImageMaxHeight { get; set; } = 4000;

    /// <summary>How long a scan's verdict is remembered in seconds; 0: not at all. <c>SCAN_CACHE_TTL</c>.</summary>
    public int ScanCacheSeconds { get; set; } = 86_400;

    public ClamAvOptions ClamAv { get; set; } = new();

    public RateLimitOptions RateLimit { get; set; } = new();

    public ActiveContentOptions ActiveContent { get; set; } = new();

    public QuarantineOptions Quarantine { get; set; } = new();

    public long MaxFileSize => MaxFileSizeMb * 1024L * 1024;

    public IReadOnlySet<string> Extensions => field ??=
        AllowedExtensions is { Length: > 0 } some ? some.Select(e => e.Trim().TrimStart('.').ToLowerInvariant()).ToHashSet(StringComparer.Ordinal) : [.. FileTypes.ByExtension.Keys];

    public IReadOnlySet<string> MediaTypes => field ??=
        AllowedMediaTypes is { Length: > 0 } some ? some.Select(t => FileTypes.Canonical(t.Trim())).ToHashSet(StringComparer.Ordinal) : [.. FileTypes.ByExtension.Values];

    internal sealed class Validator : IValidateOptions<ValidationOptions>
    {
        public ValidateOptionsResult Validate(string? name, ValidationOptions options)
        {
            var problems = Problems(options).Select(p => $"{Section}:{p}").ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }

        private static IEnumerable<string> Problems(ValidationOptions o)
        {
            foreach (var (key, value, least, most) in new (string, int, int, int)[]
                     {
                         (nameof(MaxFileSizeMb), o.MaxFileSizeMb, 1, 2047), (nameof(ImageMaxWidth), o.ImageMaxWidth, 1, 100_000),
                         (nameof(ImageMaxHeight), o.ImageMaxHeight, 1, 100_000), (nameof(ScanCacheSeconds), o.ScanCacheSeconds, 0, int.MaxValue),
                         ("ClamAv:Port", o.ClamAv.Port, 1, 65535), ("ClamAv:TimeoutSeconds", o.ClamAv.TimeoutSeconds, 1, 3600),
                         ("ClamAv:ConnectSeconds", o.ClamAv.ConnectSeconds, 1, 60), ("ClamAv:MaxFileSizeMb", o.ClamAv.MaxFileSizeMb, 1, 4095),
                         ("ClamAv:MaxConcurrent", o.ClamAv.MaxConcurrent, 1, 1000), ("RateLimit:PerUserPerDay", o.RateLimit.PerUserPerDay, 1, int.MaxValue),
                         ("RateLimit:PerAccountPerDay", o.RateLimit.PerAccountPerDay, 1, int.MaxValue), ("RateLimit:WindowHours", o.RateLimit.WindowHours, 1, 8760),
                         ("RateLimit:BurstPerMinute", o.RateLimit.BurstPerMinute ?? 1, 1, int.MaxValue),
                         ("RateLimit:ValidationsPerUserPerDay", o.RateLimit.ValidationsPerUserPerDay, 1, int.MaxValue),
                         ("RateLimit:RecognitionsPerUserPerDay", o.RateLimit.RecognitionsPerUserPerDay, 1, int.MaxValue),
                         ("RateLimit:WorkflowStartsPerUserPerDay", o.RateLimit.WorkflowStartsPerUserPerDay, 1, int.MaxValue),
                         ("Quarantine:RetentionDays", o.Quarantine.RetentionDays, 1, 36_500), ("ClamAv:RescansPerMinute", o.ClamAv.RescansPerMinute, 1, 1_000_000),
                     })
            {
                if (value < least || value > most) yield return $"{key} is {value}; it must be {least} to {most}.";
            }

            foreach (var extension in o.Extensions.Where(e => !FileTypes.ByExtension.ContainsKey(e)))
                yield return $"AllowedExtensions names '{extension}', which DOX can't open; it opens {string.Join(", ", FileTypes.ByExtension.Keys)}.";
            foreach (var type in o.MediaTypes.Where(t => !FileTypes.ByExtension.Values.Contains(t, StringComparer.Ordinal)))
                yield return $"AllowedMediaTypes names '{type}', which DOX can't open; it opens {string.Join(", ", FileTypes.ByExtension.Values.Distinct(StringComparer.Ordinal))}.";
            foreach (var (key, value) in new[] { ("MegabytesPerUserPerDay", o.RateLimit.UserMegabytes), ("MegabytesPerAccountPerDay", o.RateLimit.AccountMegabytes) })
            {
                if (value is < 1 or > 1L << 40) yield return $"RateLimit:{key} is {value}; it must be 1 to {1L << 40}.";
            }

            if (o.RateLimit.ShareWithoutRedis is not (> 0 and <= 1)) yield return $"RateLimit:ShareWithoutRedis is {o.RateLimit.ShareWithoutRedis}; it must be over 0, and 1 at most.";
            if (o.RateLimit.BypassToken is { Length: > 0 and < 16 }) yield return "RateLimit:BypassToken has fewer than 16 characters: it could be guessed.";
            if (o.Quarantine.EncryptionKey is { Length: > 0 } given && EncryptionKey.Parse(given) is null)
                yield return "Quarantine:EncryptionKey isn't a key of 32 bytes, as base64 or as 64 hexadecimal digits. Make one: openssl rand -base64 32.";
            if (o.ClamAv.MaxFileSizeMb < o.MaxFileSizeMb)
                yield return $"ClamAv:MaxFileSizeMb is {o.ClamAv.MaxFileSizeMb}, less than MaxFileSizeMb ({o.MaxFileSizeMb}): larger documents could never be scanned.";
        }
    }
}

/// <summary>Section <c>Dox:Validation:ClamAv</c>.</summary>
internal sealed class ClamAvOptions
{
    /// <summary>
    /// <c>true</c>: what wasn't scanned doesn't pass; <c>false</c>: no scanner; <c>auto</c>: without a scanner a document passes, marked as not scanned.
    /// <c>true</c> in production and <c>auto</c> elsewhere, where it isn't set. <c>CLAMAV_ENABLED</c>.
    /// </summary>
    public ScannerMode? Enabled { get; set; }

    /// <summary>clamd's host, or the path of its socket; without it the usual socket and this machine are tried. <c>CLAMAV_HOST</c>.</summary>
    public string? Host { get; set; }

    /// <summary>clamd's port. <c>CLAMAV_PORT</c>.</summary>
    public int Port { get; set; } = 3310;

    /// <summary>Time for one scan in seconds, 1 to 3600. <c>CLAMAV_TIMEOUT</c>.</summary>
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>Time for a connection in seconds, 1 to 60.</summary>
    public int ConnectSeconds { get; set; } = 3;

    /// <summary>What clamd takes at most in MiB: its <c>StreamMaxLength</c>. <c>CLAMAV_MAX_FILE_SIZE_MB</c>.</summary>
    public int MaxFileSizeMb { get; set; } = 100;

    /// <summary>Scans at the same time, 1 to 1000: as many as clamd has cores; more only wait. <c>MAX_CONCURRENT_SCANS</c>.</summary>
    public int MaxConcurrent { get; set; } = 4;

    /// <summary>How many contents that were let in are scanned again in a minute, at most, when the signatures change or a scanner comes back.</summary>
    public int RescansPerMinute { get; set; } = 600;
}

/// <summary>Whether there must be a scanner.</summary>
internal enum ScannerMode
{
    True,
    False,
    Auto,
}

/// <summary>Section <c>Dox:Validation:RateLimit</c>. Windows slide.</summary>
internal sealed class RateLimitOptions
{
    /// <summary>Documents that a user may send in a window. <c>RATE_LIMIT_PER_USER_PER_DAY</c>.</summary>
    public int PerUserPerDay { get; set; } = 100;

    /// <summary>Documents that an account may send in a window. <c>RATE_LIMIT_PER_ACCOUNT_PER_DAY</c>.</summary>
    public int PerAccountPerDay { get; set; } = 500;

    /// <summary>MiB that a user may send in a window; 20 a document of <see cref="PerUserPerDay"/> where it isn't set.</summary>
    public long? MegabytesPerUserPerDay { get; set; }

    /// <summary>MiB that an account may send in a window; 20 a document of <see cref="PerAccountPerDay"/> where it isn't set.</summary>
    public long? MegabytesPerAccountPerDay { get; set; }

    /// <summary>The part of all limits that holds while Redis keeps the log and is away, over 0 to 1: what was sent before is known to Redis alone then.</summary>
    public double ShareWithoutRedis { get; set; } = 0.25;

    /// <summary>Who sends it as <c>X-RateLimit-Bypass</c> isn't limited; at least 16 characters. <c>RATE_LIMIT_BYPASS_TOKEN</c>.</summary>
    public string? BypassToken { get; set; }

    /// <summary>Length of the window in hours, 1 to 8760. <c>RATE_LIMIT_WINDOW_HOURS</c>.</summary>
    public int WindowHours { get; set; } = 24;

    /// <summary>Documents that a user may send at once, and in each further minute; at least 100 and else a tenth of the day's where it isn't set.</summary>
    public int? BurstPerMinute { get; set; }

    /// <summary>Files that a user may have validated in a window without sending them for good.</summary>
    public int ValidationsPerUserPerDay { get; set; } = 1000;

    /// <summary>Documents that a user may have recognised anew in a window.</summary>
    public int RecognitionsPerUserPerDay { get; set; } = 500;

    /// <summary>Runs that a user may start by hand in a window.</summary>
    public int WorkflowStartsPerUserPerDay { get; set; } = 1000;

    public long UserMegabytes => MegabytesPerUserPerDay ?? 20L * PerUserPerDay;

    public long AccountMegabytes => MegabytesPerAccountPerDay ?? 20L * PerAccountPerDay;

    public TimeSpan Window => TimeSpan.FromHours(WindowHours);

    public int Burst => BurstPerMinute ?? Math.Max(100, PerUserPerDay / 10);
}

/// <summary>Where content goes in which a threat was found. Section <c>Dox:Validation:Quarantine</c>.</summary>
internal sealed class QuarantineOptions
{
    /// <summary>Whether refused uploads are kept. What was let in and found infected later is kept in any case. <c>QUARANTINE_ENABLED</c>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The folder; several processes need a shared one. <c>QUARANTINE_PATH</c>.</summary>
    public string Path { get; set; } = System.IO.Path.Combine("data", "quarantine");

    /// <summary>How long it is kept in days, 1 to 36500. <c>QUARANTINE_RETENTION_DAYS</c>.</summary>
    public int RetentionDays { get; set; } = 30;

    /// <summary>Whether a second administrator has to agree to a release.</summary>
    public bool FourEyes { get; set; } = true;

    /// <summary>32 bytes as base64 or hexadecimal digits; without it a key is made and kept beside the files. <c>ENCRYPTION_KEY</c>.</summary>
    public string? EncryptionKey { get; set; }
}

/// <summary>What becomes of a PDF that can act on its own. Section <c>Dox:Validation:ActiveContent</c>.</summary>
internal sealed class ActiveContentOptions
{
    public ActiveContentPolicy JavaScript { get; set; } = ActiveContentPolicy.Reject;

    public ActiveContentPolicy Launch { get; set; } = ActiveContentPolicy.Reject;

    /// <summary>An action on opening that goes elsewhere than to a page of the same document.</summary>
    public ActiveContentPolicy OpenAction { get; set; } = ActiveContentPolicy.Flag;

    public ActiveContentPolicy AdditionalAction { get; set; } = ActiveContentPolicy.Flag;

    public ActiveContentPolicy SubmitForm { get; set; } = ActiveContentPolicy.Flag;

    public ActiveContentPolicy ImportData { get; set; } = ActiveContentPolicy.Flag;

    public ActiveContentPolicy GoToRemote { get; set; } = ActiveContentPolicy.Flag;

    public ActiveContentPolicy GoToEmbedded { get; set; } = ActiveContentPolicy.Flag;

    public ActiveContentPolicy RichMedia { get; set; } = ActiveContentPolicy.Flag;

    public ActiveContentPolicy Xfa { get; set; } = ActiveContentPolicy.Flag;

    /// <summary>A file within the document. An XML file, as e-invoices carry, is always fine, and a program never is.</summary>
    public ActiveContentPolicy EmbeddedFile { get; set; } = ActiveContentPolicy.Flag;
}

internal enum ActiveContentPolicy
{
    Allow,
    Flag,
    Reject,
}
