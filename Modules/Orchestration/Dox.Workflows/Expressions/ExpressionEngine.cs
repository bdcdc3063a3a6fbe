using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Jint;
using Jint.Native;
using Jint.Runtime;

namespace Dox.Workflows.Expressions;

/// <summary>
/// A JavaScript engine that a rule's author can't hurt us with: no access to our types, no compiling of texts, everything shared is frozen,
/// and time, memory, statements, depth and sizes are bounded. Engines are pooled; they keep nothing between two expressions.
/// </summary>
internal sealed class ExpressionEngine : IDisposable
{
    private static readonly ConcurrentBag<ExpressionEngine> Pool = [];

    // The statements' limit ends what is endless; this one ends what is slow within a statement. It counts the wall's time, so a busy machine,
    // or the first call with all its compiling, must fit in.
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(100);
    private const long MostMemory = 16_000_000;
    private const int MostStatements = 50_000;
    private const int DeepestRecursion = 64;
    private const uint LargestArray = 10_000;
    private const int MostPooled = 16;

    /// <summary>
    /// Natives that build a text from a short call would pass the memory limit between two statements, so they count first. JSON and random
    /// numbers are taken away: one amplifies, the other would make a step that runs again differ. Then nothing shared can be changed.
    /// </summary>
    private const string Hardening = """
        (function () {
          const most = 1000000;
          const fits = n => { if (n > most) throw new RangeError('The text would be longer than ' + most + ' characters.'); };
          const text = String.prototype, list = Array.prototype;
          const { repeat, padStart, padEnd, replaceAll, replace } = text, { join } = list;
          const define = (on, name, value) => Object.defineProperty(on, name, { value, writable: false, enumerable: false, configurable: false });
          define(text, 'repeat', function (n) { fits(this.length * n); return repeat.call(this, n); });
          define(text, 'padStart', function (n, s) { fits(n); return padStart.call(this, n, s); });
          define(text, 'padEnd', function (n, s) { fits(n); return padEnd.call(this, n, s); });
          define(text, 'replaceAll', function (a, b) { if (typeof b === 'string') fits(this.length * (b.length + 1)); return replaceAll.call(this, a, b); });
          define(text, 'replace', function (a, b) { if (typeof b === 'string') fits(this.length * (b.length + 1)); return replace.call(this, a, b); });
          define(list, 'join', function (s) {
            const separator = s === undefined ? ',' : String(s), parts = [];
            let n = 0;
            for (let i = 0; i < this.length; i++) { const p = this[i] == null ? '' : String(this[i]); n += p.length + separator.length; fits(n); parts.push(p); }
            return join.call(parts, separator);
          });
          define(list, 'toLocaleString', function () { return this.join(); });
          delete globalThis.JSON;
          delete Math.random;
          for (const name of Object.getOwnPropertyNames(globalThis)) {
            const value = globalThis[name];
            if (value && (typeof value === 'object' || typeof value === 'function') && value !== globalThis) {
              if (value.prototype) Object.freeze(value.prototype);
              Object.freeze(value);
            }
          }
          Object.freeze(Object.getPrototypeOf(function* () {}));
          Object.freeze(Object.getPrototypeOf(async function () {}));
          Object.freeze(globalThis);
        })();
        """;

    private static readonly Prepared<Acornima.Ast.Script> PreparedHardening = Engine.PrepareScript(Hardening, strict: true);

    private readonly Engine _engine;
    private readonly ConditionalWeakTable<Expression, JsValue> _functions = [];
    private readonly ScopeTime _time = new();

    private ExpressionEngine()
    {
        _engine = new Engine(options =>
        {
            options.Strict();
            options.TimeoutInterval(LongestRun);
            options.LimitMemory(MostMemory);
            options.MaxStatements(MostStatements);
            options.LimitRecursion(DeepestRecursion);
            options.MaxArraySize(LargestArray);
            options.RegexTimeoutInterval(LongestMatch);
            options.DisableStringCompilation();
            options.TimeSystem = _time;
        });
        _engine.Execute(PreparedHardening);
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
        var function = _functions.GetValue(expression, key => _engine.Evaluate(key.Prepared));
        var arguments = new JsValue[expression.Names.Count];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = JsonBridge.ToScript(_engine, scope.Lookup(expression.Names[i]));
        return JsonBridge.FromScript(_engine.Invoke(function, null, arguments));
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
