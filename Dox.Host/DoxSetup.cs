using Dox.SharedKernel.Infrastructure.Modules;

namespace Dox.Host;

/// <summary>What an application is put together from, beside the files and variables.</summary>
internal sealed record DoxSetup
{
    /// <summary><c>--Dox:Section:Key=value</c>.</summary>
    public string[] Arguments { get; init; } = [];

    /// <summary>Configuration keys, or flat variables by their name; they win over everything.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Stands for the process's variables where it isn't null.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>Every module there is.</summary>
    public IReadOnlyList<IModule> Modules { get; init; } = Host.Modules.All;

    /// <summary>Has the last word on services.</summary>
    public Action<IHostApplicationBuilder>? Configure { get; init; }
}
