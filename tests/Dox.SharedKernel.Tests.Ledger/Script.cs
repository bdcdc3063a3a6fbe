using System.Collections.Concurrent;

namespace Dox.SharedKernel.Tests.Ledger;

/// <summary>What the handlers of one host do beside their work, and what they did.</summary>
public sealed class Script
{
    public const string Asked = "asked";
    public const string Recording = "recording";
    public const string Noting = "noting";
    public const string LedgerHears = "ledger hears";
    public const string DeskHears = "desk hears";

    private readonly ConcurrentDictionary<(string Where, string Text), Func<CancellationToken, Task>> _acts = new();
    private readonly ConcurrentQueue<(string Where, string Text)> _calls = new();

    /// <summary>Which host it is.</summary>
    public string Node { get; init; } = "";

    /// <summary>Has the handler do this each time that it gets that text, before it writes.</summary>
    public void On(string where, string text, Func<CancellationToken, Task> act) => _acts[(where, text)] = act;

    /// <summary>Has it fail as often as told, then go well.</summary>
    public void Fail(string where, string text, Func<Exception> fault, int times = int.MaxValue)
    {
        var left = times;
        On(where, text, _ => Interlocked.Decrement(ref left) >= 0 ? throw fault() : Task.CompletedTask);
    }

    /// <summary>Has it wait until the returned source is completed.</summary>
    public TaskCompletionSource Hold(string where, string text)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        On(where, text, gate.Task.WaitAsync);
        return gate;
    }

    public int Calls(string where, string text) => _calls.Count(c => c == (where, text));

    /// <summary>In the order in which the handler got them.</summary>
    public IReadOnlyList<string> Texts(string where) => [.. _calls.Where(c => c.Where == where).Select(c => c.Text)];

    internal Task PlayAsync(string where, string text, CancellationToken cancellationToken)
    {
        _calls.Enqueue((where, text));
        return _acts.TryGetValue((where, text), out var act) ? act(cancellationToken) : Task.CompletedTask;
    }
}
