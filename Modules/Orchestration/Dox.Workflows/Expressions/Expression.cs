using System.Text.Json.Nodes;
using Acornima;
using Acornima.Ast;
using Jint;

namespace Dox.Workflows.Expressions;

/// <summary>
/// One JavaScript expression, read once. It sees names, never our types; what it can spend in time, memory, statements and depth is bounded
/// (<see cref="ExpressionEngine"/>). A plain path (<c>a.b["c"]</c>) is followed without an engine.
/// </summary>
internal sealed class Expression
{
    private const int LongestSource = 10_000;
    private readonly PropertyPath? _path;
    private readonly string _guarded;
    private Prepared<Script>? _prepared;

    private Expression(string source, string compiled, string guarded, PropertyPath? path, IReadOnlyList<string> names)
    {
        Source = source;
        _guarded = guarded;
        Compiled = compiled;
        _path = path;
        Names = names;
    }

    /// <summary>As it stands in the rule.</summary>
    public string Source { get; }

    /// <summary>What is run: conveniences rewritten.</summary>
    public string Compiled { get; }

    /// <summary>The free names it reads.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <exception cref="ExpressionException">The text is no expression.</exception>
    public static Expression Parse(string source)
    {
        if (source.Length > LongestSource) throw new ExpressionException($"An expression may have {LongestSource:N0} characters.");
        try
        {
            var text = Conveniences.RewriteText(source);
            var tree = new Parser().ParseExpression(text, strict: true);
            if (Conveniences.RewriteTree(text, tree) is { } rewritten)
            {
                text = rewritten;
                tree = new Parser().ParseExpression(text, strict: true);
            }

            var names = FreeNames.In(tree);
            var path = PropertyPath.TryRead(tree);
            var expression = new Expression(source, text, TextGuard.Apply(text, tree), path, names);
            if (path is null) _ = expression.Prepared;
            return expression;
        }
        catch (ParseErrorException error)
        {
            throw new ExpressionException(error.Description ?? error.Message, error) { Offset = Math.Max(0, error.Error.IsIndexDefined ? error.Error.Index : 0) };
        }
        catch (ScriptPreparationException error)
        {
            throw new ExpressionException(error.InnerException?.Message ?? error.Message, error);
        }
        catch (InsufficientExecutionStackException error)
        {
            throw new ExpressionException("The expression is nested too deeply.", error);
        }
    }

    /// <summary>A function of the free names that returns the value; compiled when first needed.</summary>
    public Prepared<Script> Prepared => _prepared ??= Engine.PrepareScript($"(function({string.Join(",", Names)}){{return (\n{_guarded}\n);}})", strict: true);

    /// <summary>The value. It may belong to the run's state: copy it before changing it or putting it into something else.</summary>
    /// <exception cref="ExpressionException">It failed or went over a limit.</exception>
    public JsonNode? Evaluate(EvaluationScope scope) =>
        _path is not null && _path.TryFollow(scope, out var value) ? value : ExpressionEngine.Evaluate(this, scope);

    public bool IsTrue(EvaluationScope scope) => JsonValues.IsTrue(Evaluate(scope));

    public override string ToString() => Source;
}
