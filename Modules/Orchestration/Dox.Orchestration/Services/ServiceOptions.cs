using Microsoft.Extensions.Configuration;

namespace Dox.Orchestration.Services;

/// <summary>A service that rules may name: a module of DOX, or an address. Section <c>Dox:Services:NAME</c>; its bare value is the module, or the address.</summary>
internal sealed class ServiceEntryOptions
{
    /// <summary>The module that answers for it.</summary>
    public string? Module { get; set; }

    /// <summary>Where it is reached, with the path that all its endpoints lie under.</summary>
    public string? Url { get; set; }

    /// <summary>Sent with each call in <see cref="ApiKeyHeader"/>. A secret: it is in no journal and no log.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The header for <see cref="ApiKey"/>.</summary>
    public string ApiKeyHeader { get; set; } = "X-API-Key";

    /// <summary>Sent with each call as <c>Authorization: Bearer</c>. A secret.</summary>
    public string? BearerToken { get; set; }

    /// <summary>How long one attempt may take; a step's <c>timeout_seconds</c> ends all of them.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a call is tried again at once, where that can't do harm.</summary>
    public int Retries { get; set; } = 2;

    /// <summary>The service does a thing once for each <c>Idempotency-Key</c>: POST and PATCH are then tried again too.</summary>
    public bool Keyed { get; set; }

    /// <summary>The longest answer that is read, in bytes.</summary>
    public int MaxAnswerBytes { get; set; } = 1024 * 1024;

    /// <summary>Where it says how it fares, under <see cref="Url"/>.</summary>
    public string HealthPath { get; set; } = "/health";
}

/// <summary>All services that rules may name.</summary>
internal sealed class ServiceOptions
{
    private static readonly string[] Modules = ["Orchestration", "Validation", "TemplateMatching", "TeamCoordination"];

    // The platform's earlier services, as their modules
    private static readonly (string Name, string Module)[] Known =
    [
        ("dox-validation-service", "Validation"),
        ("dox-core-store", "Orchestration"),
        ("dox-tmpl-pdf-upload", "Orchestration"),
        ("dox-workflow-orchestrator", "Orchestration"),
        ("dox-tmpl-pdf-recognizer", "TemplateMatching"),
        ("dox-tmpl-service", "TemplateMatching"),
    ];

    internal Dictionary<string, ServiceEntryOptions> All { get; } = Known.ToDictionary(k => k.Name, k => new ServiceEntryOptions { Module = k.Module }, StringComparer.Ordinal);

    public void Read(IConfigurationSection section)
    {
        foreach (var service in section.GetChildren())
        {
            var entry = service.Get<ServiceEntryOptions>() ?? new();
            if (service.Value is { } value)
            {
                if (Array.Exists(Modules, m => m == value)) entry.Module = value;
                else entry.Url = value;
            }

            All[service.Key] = entry;
        }
    }

    public static IEnumerable<string> Problems(ServiceOptions options)
    {
        foreach (var (name, entry) in options.All)
        {
            var key = $"Dox:Services:{name}";
            if (entry.Module is null == entry.Url is null) yield return $"{key} must be a module ({string.Join(", ", Modules)}) or an address (Url), and not both.";
            if (entry.Module is { } module && !Array.Exists(Modules, m => m == module)) yield return $"{key}:Module is '{module}'. The modules are {string.Join(", ", Modules)}.";
            if (entry.Url is { } url && BaseOf(url) is null) yield return $"{key} isn't an address that begins with http:// or https://, without user, query and fragment.";
            if (entry.Timeout <= TimeSpan.Zero) yield return $"{key}:Timeout must be more than nothing.";
            if (entry.Retries is < 0 or > 10) yield return $"{key}:Retries is {entry.Retries}; it must be 0 to 10.";
            if (entry.MaxAnswerBytes < 1) yield return $"{key}:MaxAnswerBytes must be at least 1.";
        }
    }

    /// <summary>The address that all calls begin with, its path ending in a slash; null where it is none.</summary>
    public static Uri? BaseOf(string url) =>
        Uri.TryCreate(url.EndsWith('/') ? url : url + "/", UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") && uri.UserInfo.Length + uri.Query.Length + uri.Fragment.Length == 0
            ? uri
            : null;
}
