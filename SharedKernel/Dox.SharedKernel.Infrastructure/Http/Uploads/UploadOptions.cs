namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>How much of bodies this process takes in. Section <c>Dox:Uploads</c>.</summary>
public sealed class UploadOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Dox:Uploads";

    /// <summary>Bodies that are read at the same time, at least 1; as many as come where it isn't set. <c>MAX_CONCURRENT_UPLOADS</c>.</summary>
    public int? MaxConcurrent { get; set; }

    /// <summary>Time for one body in seconds, 1 to 86400. <c>UPLOAD_TIMEOUT_SECONDS</c>.</summary>
    public int TimeoutSeconds { get; set; } = 600;

    internal static IEnumerable<string> Problems(UploadOptions options)
    {
        if (options.MaxConcurrent < 1) yield return $"{Section}:MaxConcurrent is {options.MaxConcurrent}; it must be at least 1.";
        if (options.TimeoutSeconds is < 1 or > 86_400) yield return $"{Section}:TimeoutSeconds is {options.TimeoutSeconds}; it must be 1 to 86400.";
    }
}
