using Dox.TemplateMatching.Matching;

namespace Dox.TemplateMatching.Templates;

/// <summary>The templates of one moment with their index.</summary>
internal sealed class TemplateSet
{
    public static TemplateSet Empty { get; } = new([], []);

    private readonly Dictionary<string, TemplateDefinition> _byId;

    public TemplateSet(IReadOnlyList<TemplateDefinition> templates, IReadOnlyList<TemplateProblem> problems, Calibration? calibration = null)
    {
        Calibration = calibration ?? Calibration.Shipped;
        Templates = [.. templates.OrderBy(t => t.Id, StringComparer.Ordinal)];
        Problems = problems;
        _byId = Templates.ToDictionary(t => t.Id, StringComparer.Ordinal);
        Index = new AnchorIndex(Templates);
    }

    public IReadOnlyList<TemplateDefinition> Templates { get; }

    /// <summary>What was left out, and why.</summary>
    public IReadOnlyList<TemplateProblem> Problems { get; }

    /// <summary>What a score among these is worth.</summary>
    public Calibration Calibration { get; }

    public AnchorIndex Index { get; }

    public TemplateDefinition? Find(string id) => _byId.GetValueOrDefault(id);
}
