using System.Reflection;

namespace Dox.SharedKernel.Infrastructure.Modules;

/// <summary>The modules there are, and those that this process hosts.</summary>
public sealed class ModuleSet
{
    private readonly Dictionary<Assembly, string> _byAssembly = [];
    private readonly HashSet<string> _hosted;

    /// <param name="all">Every module of the product, hosted here or not: their contracts and subscriptions must be known everywhere.</param>
    /// <param name="hosted">Names of those that run in this process.</param>
    /// <exception cref="InvalidOperationException">A hosted name is no module's.</exception>
    public ModuleSet(IReadOnlyList<IModule> all, IEnumerable<string> hosted)
    {
        ArgumentNullException.ThrowIfNull(all);
        All = all;
        foreach (var module in all)
        {
            _byAssembly[module.GetType().Assembly] = module.Name;
            _byAssembly[module.Contracts] = module.Name;
        }

        _hosted = new(hosted, StringComparer.OrdinalIgnoreCase);
        var unknown = _hosted.FirstOrDefault(name => all.All(m => !string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase)));
        if (unknown is not null)
            throw new InvalidOperationException($"Dox:Modules names '{unknown}'. The modules are {string.Join(", ", all.Select(m => m.Name))}.");
    }

    /// <summary>Every module of the product.</summary>
    public IReadOnlyList<IModule> All { get; }

    /// <summary>Those that run in this process.</summary>
    public IEnumerable<IModule> Hosted => All.Where(m => Hosts(m.Name));

    /// <summary>Whether this process hosts the module.</summary>
    public bool Hosts(string name) => _hosted.Contains(name);

    /// <summary>The module that the type belongs to, by its assembly; null for the host's and the kernel's types.</summary>
    public string? OwnerOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _byAssembly.GetValueOrDefault(type.Assembly);
    }
}
