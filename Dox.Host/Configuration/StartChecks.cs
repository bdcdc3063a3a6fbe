using Microsoft.Extensions.Options;

namespace Dox.Host.Configuration;

/// <summary>Collects what is wrong with the configuration while the host is put together, so that all of it is told at once.</summary>
internal sealed class StartChecks(IReadOnlyList<string> first)
{
    private readonly List<string> _problems = [.. first];

    /// <summary>The section's options; <paramref name="fallback"/> where they can't be read, so that the rest can be looked at too.</summary>
    public TOptions Bind<TOptions>(IConfiguration configuration, string section, Func<TOptions, IEnumerable<string>> problems, TOptions fallback)
        where TOptions : class
    {
        try
        {
            var options = configuration.GetSection(section).Get<TOptions>() ?? fallback;
            var found = problems(options).ToList();
            _problems.AddRange(found);
            return found.Count == 0 ? options : fallback;
        }
        catch (InvalidOperationException e)
        {
            _problems.Add(Unreadable(e));
            return fallback;
        }
    }

    /// <summary>Builds the host and looks at the options that its modules registered.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; everything that is, in one message.</exception>
    public WebApplication Build(Func<WebApplication> build)
    {
        WebApplication? app = null;
        try
        {
            app = build();
            app.Services.GetService<IStartupValidator>()?.Validate();
        }
        catch (Exception e) when (Reasons(e) is { Count: > 0 } reasons || _problems.Count > 0)
        {
            _problems.AddRange(Reasons(e));
        }

        if (_problems.Count == 0) return app!;
        ((IDisposable?)app)?.Dispose();
        throw new ConfigurationException([.. _problems.Distinct(StringComparer.Ordinal).Select(Named)]);
    }

    private static List<string> Reasons(Exception e) => e switch
    {
        AggregateException many => [.. many.InnerExceptions.SelectMany(Reasons)],
        OptionsValidationException options => [.. options.Failures],
        InvalidOperationException when e.Message.StartsWith("Failed to convert", StringComparison.Ordinal) => [Unreadable(e)],
        _ => [],
    };

    private static string Unreadable(Exception e) => e.InnerException is { } inner && !e.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{e.Message} {inner.Message}" : e.Message;

    // Whoever set the flat variable doesn't know the key that it fills.
    private static string Named(string problem) =>
        FlatVariables.All
            .Where(v => v.Keys.Any(key => problem.Contains(key, StringComparison.OrdinalIgnoreCase)) && !problem.Contains(v.Name, StringComparison.Ordinal))
            .MaxBy(v => v.Keys.Max(key => key.Length)) is { } variable
            ? $"{problem} Set {variable.Name}."
            : problem;
}
