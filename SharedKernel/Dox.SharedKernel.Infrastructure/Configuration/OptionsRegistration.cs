using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Configuration;

/// <summary>Registers options that are looked at when the host starts.</summary>
public static class OptionsRegistration
{
    /// <summary>Binds <typeparamref name="TOptions"/> to <paramref name="section"/>; the start tells all of <paramref name="problems"/> at once and stops.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="section">For example <c>Dox:Validation</c>.</param>
    /// <param name="problems">A sentence for each thing that is wrong, naming the full key: the host adds the variable to set.</param>
    public static OptionsBuilder<TOptions> AddCheckedOptions<TOptions>(
        this IServiceCollection services, string section, Func<TOptions, IEnumerable<string>> problems)
        where TOptions : class
    {
        services.AddSingleton<IValidateOptions<TOptions>>(new Check<TOptions>(problems));
        return services.AddOptions<TOptions>().BindConfiguration(section).ValidateOnStart();
    }

    private sealed class Check<TOptions>(Func<TOptions, IEnumerable<string>> problems) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) =>
            problems(options).ToList() is { Count: > 0 } found ? ValidateOptionsResult.Fail(found) : ValidateOptionsResult.Success;
    }
}
