using Dox.DocumentReading;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Tests;

/// <summary>Pages made of words at places given as fractions, and templates made of YAML.</summary>
internal static class TestPage
{
    public static PageWord Word(string text, double x, double y) => new(text, new PageBox(x, y - 0.004, 0.012 * text.Length, 0.008));

    public static DocumentText Text(IEnumerable<PageWord> words, int pages = 1) => new()
    {
        PageCount = pages,
        HasText = true,
        Pages = [new PageText { Number = 1, Width = 595, Height = 842, HasText = true, Words = [.. words] }],
    };

    public static DocumentWords Words(params IEnumerable<PageWord> words) => DocumentWords.Of(Text(words));

    public static TemplateDefinition Template(string yaml)
    {
        var parsed = TemplateParser.Parse(yaml, "test.yaml");
        return parsed.Template ?? throw new AssertionException(string.Join('\n', parsed.Problems));
    }

    public static TemplateSet Set(params IReadOnlyList<TemplateDefinition> templates) => new(templates, []);

    public static string Folder(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Dox.sln"))) folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException("The tests must run inside the repository."), name);
    }
}
