using System.Reflection;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Modules;
using MediatR;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Dox.ArchitectureTests.Rules;

/// <summary>What holds for a module's assembly.</summary>
internal static class ModuleRules
{
    /// <summary>A module shows its module class alone. Migrations are public as the tool writes them, and nobody can use them.</summary>
    public static IReadOnlyList<string> OnePublicType(Assembly module) =>
    [
        .. module.GetExportedTypes()
            .Where(t => !typeof(IModule).IsAssignableFrom(t) && !typeof(Migration).IsAssignableFrom(t))
            .Select(t => $"{t} is public; a module's only public type is its module class."),
    ];

    /// <summary>MediatR takes the last of two handlers in silence, and misses none until the first message.</summary>
    public static IReadOnlyList<string> OneHandlerARequest(Assembly module, Assembly contracts)
    {
        var handlers = Handlers(module, typeof(IRequestHandler<,>));
        var requests = Requests(module).Concat(Requests(contracts)).Distinct();
        return
        [
            .. requests.Select(r => (Request: r, Handlers: handlers.Where(h => h.Message == r).Select(h => h.Handler.ToString()).ToList()))
                .Where(r => r.Handlers.Count != 1)
                .Select(r => $"{r.Request} has {r.Handlers.Count} handlers{(r.Handlers.Count == 0 ? "" : ": " + string.Join(", ", r.Handlers))}."),
        ];
    }

    public static IReadOnlyList<string> OneHandlerAnEvent(Assembly module) =>
    [
        .. Handlers(module, typeof(INotificationHandler<>)).GroupBy(h => h.Message).Where(g => g.Count() > 1)
            .Select(g => $"{g.Key} has {g.Count()} handlers in {module.GetName().Name}; its repeats couldn't be told apart."),
    ];

    /// <summary>Only Orchestration hears what others raise.</summary>
    public static IReadOnlyList<string> HearsOnlyItsOwn(Assembly module, Assembly contracts) =>
    [
        .. Handlers(module, typeof(INotificationHandler<>)).Where(h => h.Message.Assembly != module && h.Message.Assembly != contracts)
            .Select(h => $"{h.Handler} hears {h.Message} of another module; only Orchestration does that."),
    ];

    public static IReadOnlyList<string> HandlersAreInternalAndSealed(Assembly module) =>
    [
        .. Handlers(module, typeof(IRequestHandler<,>)).Concat(Handlers(module, typeof(INotificationHandler<>))).Select(h => h.Handler).Distinct()
            .Where(h => !h.IsSealed || h.IsVisible)
            .Select(h => $"{h} is a handler: internal and sealed."),
    ];

    /// <summary>Who may send it is said on the request, or nobody may.</summary>
    public static IReadOnlyList<string> SaysWhoMaySendIt(Assembly assembly) =>
    [
        .. Requests(assembly)
            .Where(r => r.IsDefined(typeof(RequiresAttribute), inherit: false) == r.IsDefined(typeof(OpenToAllAttribute), inherit: false))
            .Select(r => $"{r} says nothing of who may send it: one of [Requires(...)] and [OpenToAll]."),
    ];

    public static IEnumerable<Type> Requests(Assembly assembly) =>
        assembly.GetTypes().Where(t => t is { IsAbstract: false, IsInterface: false } && Closed(t, typeof(IRequest<>)).Any());

    private static IReadOnlyList<(Type Handler, Type Message)> Handlers(Assembly assembly, Type kind) =>
    [
        .. assembly.GetTypes().Where(t => t is { IsAbstract: false, IsInterface: false })
            .SelectMany(t => Closed(t, kind).Select(i => (t, i.GenericTypeArguments[0]))),
    ];

    private static IEnumerable<Type> Closed(Type type, Type open) => type.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == open);
}
