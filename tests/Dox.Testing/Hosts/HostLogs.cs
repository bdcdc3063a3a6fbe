using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dox.Testing.Hosts;

/// <summary>A line that the host logged.</summary>
public sealed record LogLine(LogLevel Level, string Category, string Message, Exception? Exception)
{
    public override string ToString() => $"{Level} {Category}: {Message}{(Exception is null ? "" : Environment.NewLine + Exception)}";
}

/// <summary>All that the host logged.</summary>
public sealed class HostLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyList<LogLine> Lines => [.. _lines];

    /// <summary>Lines with a stack trace: what a client's fault must never leave.</summary>
    public IReadOnlyList<LogLine> StackTraces => [.. _lines.Where(l => l.Exception is not null && l.Level >= LogLevel.Information)];

    /// <summary>What went wrong, for a failing test's message.</summary>
    public string Troubles => string.Join(Environment.NewLine, _lines.Where(l => l.Level >= LogLevel.Warning).TakeLast(20));

    public ILogger CreateLogger(string categoryName) => new Writer(categoryName, _lines);

    public void Clear() => _lines.Clear();

    public void Dispose()
    {
    }

    private sealed class Writer(string category, ConcurrentQueue<LogLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(new(logLevel, category, formatter(state, exception), exception));
    }
}
