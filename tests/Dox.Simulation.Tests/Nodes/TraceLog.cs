using Dox.Simulation.Tests.Scheduling;
using Microsoft.Extensions.Logging;

namespace Dox.Simulation.Tests.Nodes;

/// <summary>What a node logs, in its world's trace.</summary>
internal sealed class TraceLog<T>(Actor actor) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => actor.World.Trace.IsOn;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) actor.World.Trace.Write(actor.World, actor.Name, $"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})")}");
    }
}
