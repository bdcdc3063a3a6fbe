using Microsoft.Extensions.DependencyInjection;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>One module's context.</summary>
/// <param name="Module">The module's name.</param>
/// <param name="ContextType">What its handlers ask for.</param>
internal sealed record ModuleDatabase(string Module, Type ContextType);

/// <summary>The contexts of the modules in this process.</summary>
internal sealed class ModuleDatabases(IEnumerable<ModuleDatabase> databases)
{
    private readonly Dictionary<string, Type> _contexts = databases.ToDictionary(d => d.Module, d => d.ContextType, StringComparer.Ordinal);

    public IEnumerable<string> Modules => _contexts.Keys;

    public bool Has(string module) => _contexts.ContainsKey(module);

    public ModuleDbContext ContextOf(IServiceProvider services, string module) =>
        (ModuleDbContext)services.GetRequiredService(
            _contexts.GetValueOrDefault(module) ?? throw new InvalidOperationException($"{module} keeps no state, so it can neither send nor hear one-way messages."));
}
