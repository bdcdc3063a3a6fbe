using System.Runtime.InteropServices;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;

namespace Dox.TemplateMatching.Templates;

/// <summary>A known form: how it is told from others, and where its values stand.</summary>
internal sealed record TemplateDefinition
{
    public required string Id { get; init; }

    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>Versions of one form share it.</summary>
    public required string Family { get; init; }

    public required int Version { get; init; }

    /// <summary>How values are written where a field doesn't say, for example <c>de-DE</c>; null: told from the value.</summary>
    public string? Locale { get; init; }

    /// <summary>How many samples it was learned from; 0 where a person wrote it.</summary>
    public int Samples { get; init; }

    /// <summary>What is done to a page's text before expressions run over it.</summary>
    public TextRules Preparation { get; init; } = TextRules.None;

    /// <summary>How values are written, where the options say so; before <see cref="Locale"/>.</summary>
    public ValueConventions? Conventions { get; init; }

    public required MatchRules Match { get; init; }

    public required IReadOnlyList<FieldDefinition> Fields { get; init; }

    /// <summary>The team that its documents go to.</summary>
    public string? Team { get; init; }

    /// <summary>The file that it was read from; of a stored one, its id and revision.</summary>
    public required string Source { get; init; }

    /// <summary>The definition as it is written.</summary>
    public string Text { get; init; } = "";

    /// <summary>The stored version that it is; null for one that is in a folder alone.</summary>
    public StoredPlace? Stored { get; init; }
}

/// <summary>Which of a template's stored versions a definition is.</summary>
/// <param name="Revision">From 1.</param>
/// <param name="Origin">How it came to be.</param>
/// <param name="ValidFrom">UTC.</param>
/// <param name="ValidTo">UTC; null until further notice.</param>
internal sealed record StoredPlace(int Revision, TemplateOrigin Origin, DateTimeOffset ValidFrom, DateTimeOffset? ValidTo);

/// <summary>How a template's documents are told from others.</summary>
internal sealed record MatchRules
{
    /// <summary>All of these must stand somewhere.</summary>
    public required IReadOnlyList<Phrase> Require { get; init; }

    /// <summary>None of these may stand anywhere.</summary>
    public required IReadOnlyList<Phrase> Forbid { get; init; }

    public required IReadOnlyList<Anchor> Anchors { get; init; }

    public required IReadOnlyList<FormAnchor> Form { get; init; }

    public required PageRange Pages { get; init; }

    /// <summary>Expressions that must all be found in the text of the pages.</summary>
    public IReadOnlyList<Expression> Keywords { get; init; } = [];

    /// <summary>Expressions that may not be found anywhere.</summary>
    public IReadOnlyList<Expression> ExcludeKeywords { get; init; } = [];

    /// <summary>Of templates whose keywords are all found, the one with the highest comes first.</summary>
    public int Priority { get; init; } = DefaultPriority;

    public const int DefaultPriority = 5;
}

/// <summary>Words that stand at the same place on every instance.</summary>
/// <param name="Text">The words; without digits.</param>
/// <param name="Page">From 1.</param>
/// <param name="X">Left edge of the first word as a fraction of the page; null where it may stand anywhere across.</param>
/// <param name="Y">Middle of the first word as a fraction of the page; null where it may stand at any height.</param>
/// <param name="Weight">How much it says, over 0.</param>
/// <param name="Title">Whether it names the kind of document: what lacks it isn't accepted without a person.</param>
internal sealed record Anchor(Phrase Text, int Page, double? X, double? Y, double Weight, bool Title = false);

/// <summary>A form field that every instance has.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Type">As the reader names it; null for any.</param>
/// <param name="Page">From 1; null for any.</param>
/// <param name="X">Left edge as a fraction of the page; null where it may stand anywhere across.</param>
/// <param name="Y">Middle as a fraction of the page; null where it may stand at any height.</param>
internal sealed record FormAnchor(string Name, string? Type, int? Page = null, double? X = null, double? Y = null);

/// <summary>How many pages an instance has.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PageRange(int Min, int Max)
{
    public static PageRange Any { get; } = new(1, int.MaxValue);

    public bool Includes(int pages) => pages >= Min && pages <= Max;

    public override string ToString() => Min == Max ? $"{Min}" : Max == int.MaxValue ? $"{Min} or more" : $"{Min} to {Max}";
}

/// <summary>Where a field's value stands relative to its label.</summary>
internal enum FieldPlace
{
    /// <summary>On the label's line, to its right.</summary>
    Right,

    /// <summary>Under the label.</summary>
    Below,

    /// <summary>Between the label and a second one, in reading order.</summary>
    Between,

    /// <summary>In a rectangle of the page.</summary>
    Region,

    /// <summary>Wherever its expression finds it.</summary>
    Regex,

    /// <summary>Wherever its expressions find it in the pages laid out as lines and columns of characters.</summary>
    Layout,

    /// <summary>Nowhere: the template itself says the value.</summary>
    Static,

    /// <summary>Rows that expressions find in the laid-out pages.</summary>
    Rows,

    /// <summary>Rows under headers.</summary>
    Table,
}

/// <summary>A value to read.</summary>
internal sealed record FieldDefinition
{
    private readonly ValueConventions? _conventions;

    public required string Name { get; init; }

    public required FieldPlace Where { get; init; }

    /// <summary>The labels it may have; the first that leads to a value wins.</summary>
    public required IReadOnlyList<Phrase> Near { get; init; }

    /// <summary>For <see cref="FieldPlace.Between"/>: what follows the value.</summary>
    public required IReadOnlyList<Phrase> Until { get; init; }

    /// <summary>For <see cref="FieldPlace.Region"/>: left, top, width, height as fractions of the page.</summary>
    public RegionBox? Region { get; init; }

    /// <summary>From 1; null: any page.</summary>
    public int? Page { get; init; }

    /// <summary>Picks the value out of what stands there: its group <c>value</c>, else its first group, else all it matches.</summary>
    public Expression? Expression { get; init; }

    public required FieldType Type { get; init; }

    public string? Locale { get; init; }

    /// <summary>Lines of text that belong to the value, from 1.</summary>
    public int Lines { get; init; } = 1;

    public bool Required { get; init; }

    public CheckExpression? Check { get; init; }

    /// <summary>How values are written: by the template's options, else by the locale.</summary>
    public ValueConventions Conventions
    {
        get => _conventions ?? ValueConventions.Of(Locale);
        init => _conventions = value;
    }

    /// <summary>For <see cref="FieldPlace.Layout"/>.</summary>
    public LayoutRule? Layout { get; init; }

    /// <summary>For <see cref="FieldPlace.Static"/>.</summary>
    public string? Value { get; init; }

    /// <summary>For <see cref="FieldPlace.Rows"/>: each reads its own rows, in this order.</summary>
    public IReadOnlyList<RowsRule> Rows { get; init; } = [];

    /// <summary>For <see cref="FieldPlace.Table"/>.</summary>
    public TableRule? Table { get; init; }
}

/// <summary>A rectangle as fractions of a page.</summary>
internal sealed record RegionBox(double X, double Y, double W, double H);
