using System.Reflection;
using Dox.Host;
using Dox.SharedKernel;
using Dox.SharedKernel.Infrastructure.Modules;

namespace Dox.ArchitectureTests;

/// <summary>The product's own assemblies.</summary>
internal static class Product
{
    public static IReadOnlyList<IModule> Modules { get; } = Host.Modules.All;

    public static IEnumerable<Assembly> Contracts => Modules.Select(m => m.Contracts);

    public static IEnumerable<Assembly> Assemblies =>
        [typeof(DoxJson).Assembly, typeof(IModule).Assembly, typeof(DoxApplication).Assembly, .. Modules.Select(m => m.GetType().Assembly), .. Contracts];
}
