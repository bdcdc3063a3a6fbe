namespace Dox.Host.Configuration;

using static VariableKind;

/// <summary>The flat variables and the configuration keys that they fill. The reference in <c>docs/reference/configuration.md</c> is made from this.</summary>
internal static class FlatVariables
{
    private const string NoBucket = "this version keeps content in local files alone: set STORAGE_TYPE=local and STORAGE_PATH, and leave the S3 and AWS variables out.";

    private const string Subscribe =
        "notices go to those that subscribed: set it to false, and create a webhook with POST /api/v1/webhooks (docs/guides/webhooks-and-events.md).";

    /// <summary>By section of the reference, in its order.</summary>
    public static IReadOnlyList<(string Section, FlatVariable[] Variables)> Sections { get; } =
    [
        ("Service", [
            new("SERVICE_ENV", Choice, "Where it runs; `development` opens what `production` keeps shut.", "Dox:Environment") { Choices = ["production", "development"], Default = "production" },
            new("SERVICE_NAME", Text, "What it calls itself in answers, traces and events.", "Dox:Service:Name") { Default = "dox-workflow-orchestrator" },
            new("SERVICE_PORT", Number, "The port of HTTP, on all addresses.", "Dox:Http:Port") { Min = 0, Max = 65535, Default = "5000" },
            new("DOX_DATA_PATH", Path, "The folder of everything that the embedded default writes: databases, content, memory banks.", "Dox:DataPath") { Default = "data" },
            new("DEBUG", Flag, "Logs everything; `LOG_LEVEL` wins.", "Dox:Log:Debug") { Default = "false" },
            new("LOG_LEVEL", Choice, "The least that is logged.", "Dox:Log:Level")
            {
                Choices = ["trace", "debug", "info", "information", "warn", "warning", "error", "critical", "none"], Default = "info",
            },
            new("METRICS_ENABLED", Flag, "Whether `/metrics` answers.", "Dox:Metrics:Enabled") { Default = "true" },
        ]),
        ("Access", [
            new("REQUIRE_AUTH", Flag, "Whether a caller must say who it is; production refuses `false`.", "Dox:Auth:Required") { Default = "true outside development" },
            new("API_KEY", Text, "The key that a caller sends as `X-API-Key`; has all roles. At least 16 characters in production.", "Dox:Auth:ApiKey") { Secret = true },
        ]),
        ("Database", [
            new("POSTGRES_HOST", Text, "PostgreSQL's host; without it SQLite files under `DOX_DATA_PATH` are used.", "Dox:Database:Host"),
            new("POSTGRES_PORT", Number, "PostgreSQL's port.", "Dox:Database:Port") { Min = 1, Max = 65535, Default = "5432" },
            new("POSTGRES_DB", Text, "The database's name.", "Dox:Database:Name") { Default = "dox_workflows" },
            new("POSTGRES_USER", Text, "The user.", "Dox:Database:User") { Default = "dox_user" },
            new("POSTGRES_PASSWORD", Text, "The user's password.", "Dox:Database:Password") { Secret = true },
        ]),
        ("Redis", [
            new("REDIS_HOST", Text, "Redis's host; needed where modules run apart.", "Dox:Redis:Host"),
            new("REDIS_PORT", Number, "Redis's port.", "Dox:Redis:Port") { Min = 1, Max = 65535, Default = "6379" },
            new("REDIS_DB", Number, "The number of Redis's database.", "Dox:Redis:Database") { Min = 0, Max = 1_000_000, Default = "0" },
            new("REDIS_PASSWORD", Text, "Redis's password.", "Dox:Redis:Password") { Secret = true },
        ]),
        ("Content", [
            new("STORAGE_TYPE", Choice, "Where documents' bytes are kept.", "Dox:Content:Type")
            {
                Choices = ["local"], Default = "local",
                Refused = [
                    ("s3", NoBucket),
                    ("minio", NoBucket),
                    ("azure", "DOX has no store on Azure: set STORAGE_TYPE=local with STORAGE_PATH on a shared volume."),
                    ("gcs", "DOX has no store on Google Cloud: set STORAGE_TYPE=local with STORAGE_PATH on a shared volume."),
                ],
            },
            new("STORAGE_PATH", Path, "The folder of content; several processes need a shared one.", "Dox:Content:Path") { Default = "`DOX_DATA_PATH`/content" },
            Bucket("S3_BUCKET"), Bucket("S3_ENCRYPTION"), Bucket("AWS_ACCESS_KEY_ID"), Bucket("AWS_SECRET_ACCESS_KEY"), Bucket("AWS_REGION"),
            new("ENCRYPTION_KEY", Text, "The key that quarantined files and the secrets of webhooks are encrypted with: 32 bytes as base64 or 64 hexadecimal digits (`openssl rand -base64 32`). Accepted content isn't encrypted: keep it on an encrypted volume.", "Dox:Validation:Quarantine:EncryptionKey", "Dox:Webhooks:EncryptionKey")
            {
                Secret = true, Default = "made once, kept beside the files; secrets of webhooks aren't encrypted then",
            },
            new("METADATA_RETENTION_DAYS", Number, "How long ended runs and their journals are kept, in days. `GET /api/v1/retention?days=` shows what a number would take.", "Dox:Retention:MetadataDays") { Min = 1, Max = 36_500, Default = "for ever" },
        ]),
        ("Validation", [
            new("MAX_FILE_SIZE_MB", Number, "The largest document, in MiB.", "Dox:Validation:MaxFileSizeMb") { Min = 1, Max = 2047, Default = "50" },
            new("ALLOWED_EXTENSIONS", List, "Extensions that are let in, of those that DOX can open.", "Dox:Validation:AllowedExtensions") { Default = "pdf, png, jpg, jpeg, tiff, tif" },
            new("ALLOWED_MIMETYPES", List, "Media types that are let in, of those that DOX can open.", "Dox:Validation:AllowedMediaTypes") { Default = "application/pdf, image/png, image/jpeg, image/tiff" },
            new("IMAGE_MAX_WIDTH", Number, "The widest image, in pixels.", "Dox:Validation:ImageMaxWidth") { Min = 1, Max = 100_000, Default = "4000" },
            new("IMAGE_MAX_HEIGHT", Number, "The highest image, in pixels.", "Dox:Validation:ImageMaxHeight") { Min = 1, Max = 100_000, Default = "4000" },
            new("RATE_LIMIT_PER_USER_PER_DAY", Number, "Documents that a user may send in a window.", "Dox:Validation:RateLimit:PerUserPerDay") { Min = 1, Default = "100" },
            new("RATE_LIMIT_PER_ACCOUNT_PER_DAY", Number, "Documents that an account may send in a window.", "Dox:Validation:RateLimit:PerAccountPerDay") { Min = 1, Default = "500" },
            new("RATE_LIMIT_WINDOW_HOURS", Number, "Length of the sliding window, in hours.", "Dox:Validation:RateLimit:WindowHours") { Min = 1, Max = 8760, Default = "24" },
            new("RATE_LIMIT_BYPASS_TOKEN", Text, "Who sends it as `X-RateLimit-Bypass` isn't limited; at least 16 characters.", "Dox:Validation:RateLimit:BypassToken") { Secret = true },
            new("CLAMAV_ENABLED", Choice, "`true`: nothing passes unscanned; `auto`: without a scanner documents pass, marked as not scanned; `false`: no scanner.", "Dox:Validation:ClamAv:Enabled")
            {
                Choices = ["true", "false", "auto"], Default = "true in production, else auto",
            },
            new("CLAMAV_HOST", Text, "clamd's host, or the path of its socket.", "Dox:Validation:ClamAv:Host") { Default = "the usual socket, else this machine" },
            new("CLAMAV_PORT", Number, "clamd's port.", "Dox:Validation:ClamAv:Port") { Min = 1, Max = 65535, Default = "3310" },
            new("CLAMAV_TIMEOUT", Number, "Time for one scan, in seconds.", "Dox:Validation:ClamAv:TimeoutSeconds") { Min = 1, Max = 3600, Default = "60" },
            new("CLAMAV_MAX_FILE_SIZE_MB", Number, "What clamd takes at most, in MiB: its StreamMaxLength.", "Dox:Validation:ClamAv:MaxFileSizeMb") { Min = 1, Max = 4095, Default = "100" },
            new("MAX_CONCURRENT_SCANS", Number, "Scans at the same time.", "Dox:Validation:ClamAv:MaxConcurrent") { Min = 1, Max = 1000, Default = "4" },
            new("SCAN_CACHE_TTL", Number, "How long a verdict is remembered, in seconds.", "Dox:Validation:ScanCacheSeconds") { Min = 0, Default = "86400" },
            new("QUARANTINE_ENABLED", Flag, "Whether infected uploads are kept, encrypted; what is found infected later is kept in any case.", "Dox:Validation:Quarantine:Enabled") { Default = "true" },
            new("QUARANTINE_PATH", Path, "The folder of infected files; several processes need a shared one.", "Dox:Validation:Quarantine:Path") { Default = "`DOX_DATA_PATH`/quarantine" },
            new("QUARANTINE_RETENTION_DAYS", Number, "How long infected files are kept.", "Dox:Validation:Quarantine:RetentionDays") { Min = 1, Max = 36_500, Default = "30" },
            new("MAX_CONCURRENT_UPLOADS", Number, "Uploads whose bodies are read at the same time, in a process; more are answered with 503 and Retry-After.", "Dox:Uploads:MaxConcurrent") { Min = 1, Default = "as many as come" },
            new("UPLOAD_TIMEOUT_SECONDS", Number, "Time for one upload's body, in seconds; a slower one is answered with 408.", "Dox:Uploads:TimeoutSeconds") { Min = 1, Max = 86_400, Default = "600" },
        ]),
        ("Workflows and teams", [
            new("WORKFLOW_RULES_PATH", List, "Folders of rules of your own, beside those that ship.", "Dox:Rules:Path"),
            new("MEMORY_BANK_PATH", Path, "The folder of memory banks.", "Dox:MemoryBanks:Path") { Default = "`DOX_DATA_PATH`/memory-banks" },
            new("NOTIFICATION_ENABLED", Flag, "Whether notices leave DOX.") { Refused = [("true", Subscribe)] },
            new("NOTIFICATION_WEBHOOK_URL", Text, "Where notices go.") { Under = ("NOTIFICATION_ENABLED", "true") },
            new("VIRUS_DETECTION_NOTIFY_EMAILS", List, "Who is told of a virus.")
            {
                Refused = [("*", "DOX sends no mail: leave it out, and subscribe a webhook to the events of documents and blockers (docs/guides/webhooks-and-events.md).")],
            },
        ]),
        ("Back-up", [
            new("BACKUP_ENABLED", Flag, "Back-ups on a schedule.")
            {
                Refused = [
                    ("true", "this version makes no back-ups: set it to false, and back up the database and DOX_DATA_PATH by other means."),
                ],
            },
            new("BACKUP_SCHEDULE", Text, "When, as cron.") { Under = ("BACKUP_ENABLED", "true") },
            new("BACKUP_RETENTION_DAYS", Number, "How long back-ups are kept.") { Min = 1, Under = ("BACKUP_ENABLED", "true") },
        ]),
    ];

    public static IReadOnlyList<FlatVariable> All { get; } = [.. Sections.SelectMany(s => s.Variables)];

    /// <summary>The variable to name to somebody whose <paramref name="key"/> is wrong; null where there is none.</summary>
    public static FlatVariable? For(string key) => All.FirstOrDefault(v => v.Keys.Contains(key, StringComparer.OrdinalIgnoreCase));

    private static FlatVariable Bucket(string name) => new(name, Text, "Content in an S3 bucket.")
    {
        Secret = name == "AWS_SECRET_ACCESS_KEY",
        Under = ("STORAGE_TYPE", "s3"),
    };
}
