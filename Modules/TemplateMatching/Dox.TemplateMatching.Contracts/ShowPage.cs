using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>What is to be drawn over a page: where the template's anchors and the fields stand. Who may see the document is the asker's to know.</summary>
/// <param name="Document">An accepted document.</param>
/// <param name="Page">From 1.</param>
[MessageName("template-matching.show-page.v1"), Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
public sealed record ShowPage(DocumentRef Document, int Page) : IQuery<PageView>;

/// <summary>The answer to <see cref="ShowPage"/>.</summary>
/// <param name="PageCount">Pages of the document; 0 where it couldn't be read.</param>
/// <param name="Width">Of the page in points, turned so that its text runs to the right; 0 where the page couldn't be read.</param>
/// <param name="Height">Of the page in points.</param>
/// <param name="Turned">Degrees clockwise, 0, 90, 180 or 270, that the page as other programs show it is to be turned by for this view.</param>
/// <param name="Words">What stands on it.</param>
/// <param name="Marks">What recognition found on it.</param>
/// <param name="Problem">Why it couldn't be read, in words; null where it could.</param>
public sealed record PageView(
    int PageCount, double Width, double Height, int Turned, IReadOnlyList<PageViewWord> Words, IReadOnlyList<PageMark> Marks, string? Problem = null);

/// <summary>A word.</summary>
/// <param name="Text">The document's own: nothing to trust.</param>
/// <param name="Box">Left, top, width, height as fractions of the page.</param>
public sealed record PageViewWord(string Text, IReadOnlyList<double> Box);

/// <summary>What is marked.</summary>
public enum PageMarkKind
{
    /// <summary>A word of the template where it should stand.</summary>
    Anchor,

    /// <summary>A value that was read.</summary>
    Field,

    /// <summary>A place where a word of the template should stand, and doesn't.</summary>
    Missing,
}

/// <summary>A place that recognition found.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Label">The anchor's words, or the field's name.</param>
/// <param name="Value">The field's value.</param>
/// <param name="Confidence">Of the field, or how well the anchor's place agrees, 0 to 1.</param>
/// <param name="Box">Left, top, width, height as fractions of the page.</param>
public sealed record PageMark(PageMarkKind Kind, string Label, string? Value, double Confidence, IReadOnlyList<double> Box);
