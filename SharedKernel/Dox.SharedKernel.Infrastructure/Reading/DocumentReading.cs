using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Reading;

/// <summary>Registers the opening of documents in child processes.</summary>
public static class DocumentReading
{
    /// <summary>Adds <see cref="DocumentReaderPool"/> as a singleton. Several modules may call it.</summary>
    public static IServiceCollection AddDocumentReading(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(DocumentReaderPool))) return services;
        services.AddOptions<DocumentReaderOptions>()
            .Configure<IServiceProvider>((options, provider) =>
                provider.GetService<IConfiguration>()?.GetSection(DocumentReaderOptions.Section).Bind(options))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DocumentReaderOptions>, OptionsValidator>());
        services.AddSingleton<DocumentReaderPool>();
        return services;
    }

    private sealed class OptionsValidator : IValidateOptions<DocumentReaderOptions>
    {
        public ValidateOptionsResult Validate(string? name, DocumentReaderOptions options)
        {
            var problems = options.Problems().ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
