using System.Reflection;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.Files;
using Dox.Validation.Ledger;
using Dox.Validation.Quarantine;
using Dox.Validation.RateLimits;
using Dox.Validation.Scanning;
using Dox.Validation.Steps;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Dox.Validation;

/// <summary>Whether a file may come in: five steps, each with its findings.</summary>
public sealed class ValidationModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Validation";

    /// <inheritdoc/>
    public Assembly Contracts => typeof(ValidateFile).Assembly;

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        builder.AddModuleDatabase<ValidationDbContext, SqliteValidationDbContext>(Name, ValidationDbContext.SchemaName);
        services.AddDocumentReading();
        services.AddHybridCache();
        if (builder.Configuration["Dox:Redis:Host"] is { Length: > 0 }) services.AddVerdictsOnRedis();
        services.AddOptions<ValidationOptions>().BindConfiguration(ValidationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ValidationOptions>, ValidationOptions.Validator>();

        services.AddSingleton<FileContent>();
        services.AddSingleton<Inspections>();
        services.AddSingleton<ExpansionGuard>();
        services.AddSingleton<ScannerWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<ScannerWatch>());
        services.AddSingleton<VirusScanner>();
        services.AddHealthChecks()
            .AddCheck<ClamAvHealth>("clamav").AddCheck<FileValidatorHealth>("file_validator").AddCheck<RateLimiterHealth>("rate_limiter");
        services.AddSingleton<ContentLedger>();
        services.AddSingleton<Rescan>();
        services.AddHostedService(provider => provider.GetRequiredService<Rescan>());
        services.AddSingleton<QuarantineKey>();
        services.AddSingleton<QuarantineVault>();
        services.AddScoped<QuarantineIntake>();
        services.AddHostedService<QuarantineSweep>();
        services.AddSingleton<RedisLimitLog>();
        services.AddSingleton<RedisAbsence>();
        services.AddSingleton<DatabaseLimitLog>();
        services.AddSingleton<LimitUsage>();
        services.AddScoped<RateLimiter>();
        services.AddHostedService<RateLimitSweep>();

        services.AddSingleton<StepRunner>();
        services.AddSingleton<FileSizeStep>();
        services.AddSingleton<MimeTypeStep>();
        services.AddScoped<VirusScanStep>();
        services.AddScoped<RateLimitStep>();
        services.AddSingleton<FormatStep>();
        services.AddScoped<FileValidation>();
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        ValidateUpload.Map(api);
        ScanUpload.Map(api);
        RateCheck.Map(api);
        GetConfig.Map(api);
        ListQuarantine.Map(api);
        DecideQuarantine.Map(api);
    }
}
