using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Jint.Runtime.Interop;

namespace Dox.Workflows.Expressions;

/// <summary>
/// A JavaScript engine that a rule's author can't hurt us with: no access to our types, no compiling of texts, everything shared is frozen,
/// and time, memory, statements, depth and sizes are bounded. Engines are pooled; they keep nothing between two expressions.
/// </summary>
internal sealed class ExpressionEngine : IDisposable
{
    private static readonly ConcurrentBag<ExpressionEngine> Pool = [];

    // The statements' limit ends what is endless; this one ends what is slow within a statement. Both together are less than a second.
    private static readonly TimeSpan LongestRun = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(250);
    private const long MostCharacters = 50_000_000;
    private const long MostMemory = 16_000_000;
    private const int MostStatements = 50_000;
    private const int DeepestRecursion = 64;
    private const uint LargestArray = 10_000;
    private const int MostPooled = 16;

    private static readonly Prepared<Acornima.Ast.Script> PreparedHardening = Engine.PrepareScript(ReadHardening(), strict: true);

    /// <summary>Off in a simulation, whose world doesn't depend on how fast the machine is.</summary>
    internal static bool CountsTime { get; set; } = true;

    private readonly Engine _engine;
    private readonly ConditionalWeakTable<Expression, JsValue> _functions = [];
    private readonly ScopeTime _time = new();
    private readonly TimeLimit _limit = new();
    private long _characters;

    private ExpressionEngine()
    {
        _engine = new Engine(options =>
        {
            options.Strict();
            options.Constraint(_limit);
            options.LimitMemory(MostMemory);
            options.MaxStatements(MostStatements);
            options.LimitRecursion(DeepestRecursion);
            options.MaxArraySize(LargestArray);
            options.RegexTimeoutInterval(LongestMatch);
            options.DisableStringCompilation();
            options.TimeSystem = _time;
        });
        _engine.SetValue(TextGuard.Name, new ClrFunction(_engine, TextGuard.Name, (_, arguments) => Count(arguments[0])));
        _engine.Execute(PreparedHardening);
        _limit.IsOn = true;
    }

    public static JsonNode? Evaluate(Expression expression, EvaluationScope scope)
    {
        ExpressionEngine? engine = null;
        try
        {
            if (!Pool.TryTake(out engine)) engine = new ExpressionEngine();
            var value = engine.Run(expression, scope);
            if (Pool.Count < MostPooled) Pool.Add(engine);
            else engine.Dispose();
            return value;
        }
        catch (Exception error) when (error is JintException or TimeoutException or RegexMatchTimeoutException or InsufficientExecutionStackException or InvalidOperationException)
        {
            // Not put back: after a limit it may have been left in the middle of something
            engine?.Dispose();
            throw new ExpressionException($"'{Shorten(expression.Source)}': {Explain(error)}", error);
        }
    }

    public void Dispose() => _engine.Dispose();

    private JsonNode? Run(Expression expression, EvaluationScope scope)
    {
        _time.Now = scope.Now;
        _characters = 0;
        var function = _functions.GetValue(expression, key => _engine.Evaluate(key.Prepared));
        var arguments = new JsValue[expression.Names.Count];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = JsonBridge.ToScript(_engine, scope.Lookup(expression.Names[i]));
        return JsonBridge.FromScript(_engine.Invoke(function, null, arguments));
    }

    /// <summary>A text that was put together takes its memory only when it is looked at, all of it then: it is counted before.</summary>
    private JsValue Count(JsValue value)
    {
        if (value is JsString text) _characters += text.Length;
        return _characters <= MostCharacters ? value : throw new InvalidOperationException($"its texts came to more than {MostCharacters:N0} characters");
    }

    private static string ReadHardening()
    {
        using var script = typeof(ExpressionEngine).Assembly.GetManifestResourceStream("Dox.Workflows.Expressions.hardening.js")!;
        using var reader = new StreamReader(script);
        return reader.ReadToEnd();
    }

    private static string Explain(Exception error) => error switch
    {
        StatementsCountOverflowException => $"it ran more than {MostStatements:N0} statements",
        MemoryLimitExceededException => "it needed more memory than an expression may have",
        RecursionDepthOverflowException or InsufficientExecutionStackException => "it called itself too deeply",
        RegexMatchTimeoutException => "its regular expression took too long",
        ExecutionCanceledException or TimeoutException => "it took too long",
        _ => error.Message,
    };

    private static string Shorten(string source) => source.Length <= 80 ? source : source[..77] + "...";

    /// <summary>
    /// Counts what the thread computed, where the system tells: on a busy machine an expression may stand still for long, and isn't slow for that.
    /// Not on while an engine is made ready, which the first time takes as long as all the compiling does.
    /// </summary>
    private sealed class TimeLimit : Constraint
    {
        private long _wall;
        private TimeSpan? _began;

        public bool IsOn { get; set; }

        public override void Reset()
        {
            _wall = Environment.TickCount64;
            _began = IsOn && CountsTime ? ThreadTime.Now : null;
        }

        public override void Check()
        {
            if (!IsOn || !CountsTime || Environment.TickCount64 - _wall < LongestRun.TotalMilliseconds) return;
            if (ThreadTime.Now - _began is not { } computed || computed > LongestRun) throw new TimeoutException();
        }
    }

    private sealed class ScopeTime : ITimeSystem
    {
        private readonly DefaultTimeSystem _inner = new(TimeZoneInfo.Utc, System.Globalization.CultureInfo.InvariantCulture);

        public DateTimeOffset Now { get; set; }

        public TimeZoneInfo DefaultTimeZone => TimeZoneInfo.Utc;

        public DateTimeOffset GetUtcNow() => Now;

        public bool TryParse(string date, out long epochMilliseconds) => _inner.TryParse(date, out epochMilliseconds);

        public TimeSpan GetUtcOffset(long epochMilliseconds) => TimeSpan.Zero;
    }
}
