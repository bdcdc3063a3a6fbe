using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;

namespace Dox.TemplateMatching.Templates;

/// <summary>What is done to the laid-out text before expressions run over it, in this order.</summary>
/// <param name="RemoveWhitespace">Takes all spaces out; lines stay.</param>
/// <param name="RemoveAccents">Writes é as e.</param>
/// <param name="Lowercase">Writes all in lower case.</param>
/// <param name="Replace">Expressions and what takes the place of what they find, with <c>$1</c> and <c>${name}</c> for groups.</param>
internal sealed record TextRules(bool RemoveWhitespace, bool RemoveAccents, bool Lowercase, IReadOnlyList<Replacement> Replace)
{
    public static TextRules None { get; } = new(false, false, false, []);
}

/// <summary>An expression and what takes the place of what it finds.</summary>
internal sealed record Replacement(Expression Expression, string With);

/// <summary>Which of several values counts.</summary>
internal enum ValueGroup
{
    /// <summary>All that differ.</summary>
    All,
    First,
    Last,
    Sum,
    Min,
    Max,

    /// <summary>All in one text, with spaces between.</summary>
    Join,
}

/// <summary>A value by expressions over the laid-out text.</summary>
/// <param name="Expressions">All are run; of each match the group named as the field counts, else <c>value</c>, else all groups, else the match.</param>
/// <param name="After">Only what stands behind it is looked at.</param>
/// <param name="Before">Only what stands before it is looked at.</param>
/// <param name="EachLine">Whether expressions run over each line for itself, from its start.</param>
/// <param name="Group">Which of several values counts.</param>
internal sealed record LayoutRule(IReadOnlyList<Expression> Expressions, Expression? After, Expression? Before, bool EachLine, ValueGroup Group);

/// <summary>Rows between two expressions, a cell for each named group of the expressions for lines.</summary>
/// <param name="Start">What stands before the rows.</param>
/// <param name="End">What stands behind them.</param>
/// <param name="FirstLine">Begins a row; where there is none, each line is a row.</param>
/// <param name="Line">Adds to a row.</param>
/// <param name="LastLine">Adds to a row and ends it.</param>
/// <param name="SkipLine">Leaves a line out.</param>
/// <param name="Separator">Between lines.</param>
/// <param name="Types">Of cells by name; text where not given.</param>
internal sealed record RowsRule(
    Expression Start, Expression End, IReadOnlyList<Expression> FirstLine, IReadOnlyList<Expression> Line, IReadOnlyList<Expression> LastLine, IReadOnlyList<Expression> SkipLine,
    Expression? Separator, IReadOnlyDictionary<string, FieldType> Types);

/// <summary>A table whose columns are told by their headers.</summary>
/// <param name="Start">The header that the table begins with; its line is the header line.</param>
/// <param name="End">What stands behind the table; the end of the page where not given or not there.</param>
/// <param name="Columns">From left to right.</param>
internal sealed record TableRule(IReadOnlyList<Phrase> Start, IReadOnlyList<Phrase> End, IReadOnlyList<TableColumn> Columns);

/// <summary>A column.</summary>
/// <param name="Name">Of its cells.</param>
/// <param name="Header">The words over it.</param>
/// <param name="Type">Of its cells.</param>
/// <param name="Starts">Whether a line with a value in it begins a row; at least one column does.</param>
internal sealed record TableColumn(string Name, IReadOnlyList<Phrase> Header, FieldType Type, bool Starts);
