namespace Dox.Workflows.Expressions;

/// <summary>An expression that can't be read, or that failed or went over a limit while it was evaluated.</summary>
public sealed class ExpressionException : Exception
{
    /// <summary>Makes one with what went wrong and what caused it.</summary>
    public ExpressionException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>0-based offset in the expression's text where reading it failed.</summary>
    public int Offset { get; init; }
}
