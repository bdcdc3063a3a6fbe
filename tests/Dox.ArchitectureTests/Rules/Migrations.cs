using System.Reflection;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Dox.ArchitectureTests.Rules;

/// <summary>What the migrations make is what the model wants, on both databases. Needs no database.</summary>
internal static class Migrations
{
    public static IReadOnlyList<string> Pending(Assembly module)
    {
        var contexts = module.GetTypes().Where(t => !t.IsAbstract && typeof(ModuleDbContext).IsAssignableFrom(t)).ToList();
        var problems = new List<string>();
        if (contexts.Count == 1) problems.Add($"{module.GetName().Name} has a context for one database alone.");
        foreach (var type in contexts)
        {
            var factory = module.GetTypes().SingleOrDefault(t => t.GetInterfaces().Contains(typeof(IDesignTimeDbContextFactory<>).MakeGenericType(type)));
            if (factory is null)
            {
                problems.Add($"{type} has no design-time factory, so no migration can be added.");
                continue;
            }

            var create = factory.GetMethod(nameof(IDesignTimeDbContextFactory<>.CreateDbContext), [typeof(string[])])!;
            using var context = (DbContext)create.Invoke(Activator.CreateInstance(factory), [Array.Empty<string>()])!;
            if (context.Database.HasPendingModelChanges())
                problems.Add($"{type.Name}'s model isn't what its migrations make: run Modules/add-migration.sh.");
        }

        return problems;
    }
}
