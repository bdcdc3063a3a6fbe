using System.Collections.Frozen;
using System.Reflection;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Messages;
using MediatR;

namespace Dox.SharedKernel.Infrastructure.Dispatch;

/// <summary>Every contract message by its wire name, who owns it, who hears it, and what rules may call it.</summary>
public sealed class MessageCatalog
{
    private readonly FrozenDictionary<string, MessageType> _byName;
    private readonly FrozenDictionary<Type, MessageType> _byType;
    private readonly FrozenDictionary<Type, string[]> _subscribers;

    /// <exception cref="InvalidOperationException">Names are missing or taken twice, or a module hears an event twice; all of it in one message.</exception>
    public MessageCatalog(ModuleSet modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        var problems = new List<string>();
        var messages = modules.All.SelectMany(m => MessagesOf(m, problems)).ToList();
        foreach (var twice in messages.GroupBy(m => m.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            problems.Add($"The wire name {twice.Key} is taken by {string.Join(" and ", twice.Select(m => m.Type.Name))}.");

        var functions = Calls<RuleFunctionAttribute>(messages, a => a.Name, problems);
        var endpoints = Calls<RuleEndpointAttribute>(messages, a => $"{a.Method} {a.Path}", problems);
        var subscribers = Subscribers(modules, problems);
        if (problems.Count > 0) throw new InvalidOperationException("The message catalogue is not sound:\n- " + string.Join("\n- ", problems));

        _byName = messages.ToFrozenDictionary(m => m.Name, StringComparer.Ordinal);
        _byType = messages.ToFrozenDictionary(m => m.Type);
        _subscribers = subscribers.ToFrozenDictionary(s => s.Key, s => s.Value.ToArray());
        Functions = functions.ToFrozenDictionary(StringComparer.Ordinal);
        Endpoints = endpoints.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>All contract messages.</summary>
    public IEnumerable<MessageType> Messages => _byName.Values;

    /// <summary>What rules may call as <c>custom_logic</c>, by the function's name.</summary>
    public IReadOnlyDictionary<string, MessageType> Functions { get; }

    /// <summary>What rules may call as <c>api_call</c>, by <c>METHOD /path</c>.</summary>
    public IReadOnlyDictionary<string, MessageType> Endpoints { get; }

    /// <summary>The message with that wire name; null for an unknown one.</summary>
    public MessageType? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The message with that CLR type.</summary>
    /// <exception cref="InvalidOperationException">It is no contract message.</exception>
    public MessageType Of(Type type) =>
        _byType.GetValueOrDefault(type)
        ?? throw new InvalidOperationException($"{type} is no contract message: only those of a Contracts assembly leave a module.");

    /// <summary>The modules that hear the event.</summary>
    public IReadOnlyList<string> SubscribersOf(Type eventType) => _subscribers.GetValueOrDefault(eventType) ?? [];

    private static IEnumerable<MessageType> MessagesOf(IModule module, List<string> problems)
    {
        foreach (var type in module.Contracts.GetTypes().Where(t => t is { IsAbstract: false, IsInterface: false }))
        {
            var request = type.GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequest<>));
            var isEvent = typeof(INotification).IsAssignableFrom(type);
            if (request is null && !isEvent) continue;

            if (type.GetCustomAttribute<MessageNameAttribute>()?.Name is not { } name)
            {
                problems.Add($"{type} has no [MessageName].");
                continue;
            }

            var isQuery = type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IQuery<>));
            var kind = isEvent ? MessageKind.Event : isQuery ? MessageKind.Query : MessageKind.Command;
            yield return new(name, type, module.Name, kind, request?.GenericTypeArguments[0]);
        }
    }

    private static Dictionary<string, MessageType> Calls<TAttribute>(List<MessageType> messages, Func<TAttribute, string> name, List<string> problems)
        where TAttribute : Attribute
    {
        var calls = new Dictionary<string, MessageType>(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            foreach (var attribute in message.Type.GetCustomAttributes<TAttribute>())
            {
                if (!calls.TryAdd(name(attribute), message))
                    problems.Add($"Rules would find two messages behind '{name(attribute)}': {calls[name(attribute)].Name} and {message.Name}.");
            }
        }

        return calls;
    }

    private static Dictionary<Type, List<string>> Subscribers(ModuleSet modules, List<string> problems)
    {
        var subscribers = new Dictionary<Type, List<string>>();
        foreach (var module in modules.All)
        {
            var heard = module.GetType().Assembly.GetTypes()
                .Where(t => t is { IsAbstract: false, IsInterface: false })
                .SelectMany(t => t.GetInterfaces())
                .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(INotificationHandler<>))
                .Select(i => i.GenericTypeArguments[0]);
            foreach (var eventType in heard)
            {
                var list = subscribers.TryGetValue(eventType, out var known) ? known : subscribers[eventType] = [];
                if (list.Contains(module.Name)) problems.Add($"{module.Name} has two handlers for {eventType.Name}; one would be enough, and its repeats couldn't be told apart.");
                else list.Add(module.Name);
            }
        }

        return subscribers;
    }
}
