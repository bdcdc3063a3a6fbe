using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Testing.Hosts;

/// <summary>What a test wants of its host. As it stands: all modules, SQLite, in-process messages that go through JSON, no scanner, anybody may do everything.</summary>
public sealed record DoxHostSetup
{
    public DatabaseProvider Database { get; init; } = DatabaseProvider.Sqlite;

    /// <summary>With <see cref="TransportKind.Redis"/> even modules of this process are reached over Redis.</summary>
    public TransportKind Transport { get; init; } = TransportKind.InProcess;

    /// <summary>Every module there is; null: those of the product.</summary>
    public IReadOnlyList<IModule>? Modules { get; init; }

    /// <summary>Names of those that this host runs; null: all.</summary>
    public IReadOnlyList<string>? Hosted { get; init; }

    /// <summary>Whether a real clamd scans.</summary>
    public bool Clamd { get; init; }

    /// <summary>Configuration keys, or flat variables by name; they win over what the fixture sets.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Stands for the process's variables.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>The host's clock; null: the real one.</summary>
    public FakeTimeProvider? Clock { get; init; }

    /// <summary>Has the last word on services.</summary>
    public Action<IServiceCollection>? Services { get; init; }

    /// <summary>The host whose database, data folder and Redis keys this one shares: a second process of one deployment. The other one must live longer.</summary>
    public DoxHostFixture? SharesWith { get; init; }

    internal IReadOnlyList<IModule> AllModules => Modules ?? Host.Modules.All;

    internal IEnumerable<IModule> HostedModules => Hosted is { } names ? AllModules.Where(m => names.Contains(m.Name, StringComparer.OrdinalIgnoreCase)) : AllModules;
}
