using System.Collections;

namespace Dox.Host.Demo;

/// <summary>The embedded default in a folder of its own, whatever this machine's variables say; of them, those that name a virus scanner count.</summary>
internal static class DemoSetup
{
    public static DoxSetup For(string folder, int port) => new()
    {
        Environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => ((string)variable.Key).StartsWith("CLAMAV_", StringComparison.Ordinal))
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value, StringComparer.Ordinal),
        Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["SERVICE_ENV"] = "development",
            ["REQUIRE_AUTH"] = "false",
            ["DOX_DATA_PATH"] = folder,
            ["LOG_LEVEL"] = "warning",
            ["Logging:LogLevel:Default"] = "Warning",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
            // The report says that there is no scanner
            ["Logging:LogLevel:Dox.Validation.Scanning"] = "Error",
            ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Error",
            // What it says when the start fails, the command line says too
            ["Logging:LogLevel:Microsoft.Extensions.Hosting"] = "Critical",
            ["Dox:Http:Address"] = "127.0.0.1",
            ["Dox:Http:Port"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
    };
}
