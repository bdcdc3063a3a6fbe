namespace Dox.Host.Observability;

/// <summary>Logs on stdout: lines of JSON with trace ids outside development, readable ones within.</summary>
internal static class LogSetup
{
    public static void AddDoxLogging(this WebApplicationBuilder builder)
    {
        var logging = builder.Logging;
        logging.ClearProviders();
        logging.Configure(o => o.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        if (builder.Environment.IsDevelopment())
        {
            logging.AddSimpleConsole(o => (o.SingleLine, o.TimestampFormat) = (true, "HH:mm:ss "));
        }
        else
        {
            logging.AddJsonConsole(o =>
            {
                o.IncludeScopes = true;
                o.UseUtcTimestamp = true;
                o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            });
        }

        if (LevelOf(builder.Configuration) is { } level) builder.Configuration["Logging:LogLevel:Default"] = level.ToString();
    }

    private static LogLevel? LevelOf(ConfigurationManager configuration) => configuration["Dox:Log:Level"] switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "info" or "information" => LogLevel.Information,
        "warn" or "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "critical" => LogLevel.Critical,
        "none" => LogLevel.None,
        _ => configuration.GetValue("Dox:Log:Debug", false) ? LogLevel.Debug : null,
    };
}
