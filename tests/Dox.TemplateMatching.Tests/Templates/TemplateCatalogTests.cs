using Dox.SharedKernel.Errors;
using Dox.TemplateMatching.Templates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Tests.Templates;

[TestFixture]
public sealed class TemplateCatalogTests
{
    private const string Anchors = "match: { anchors: [{ text: one }, { text: two }, { text: three }] }";
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dox-templates-");

    [TearDown]
    public void DropFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task A_bad_file_is_reported_and_the_others_stand()
    {
        Write("a/good.yaml", $"id: good\n{Anchors}");
        Write("bad.yaml", "id: [");
        Write("twice.yaml", $"id: good\n{Anchors}");
        var catalog = Catalog(_folder.FullName);

        await catalog.LoadAsync(CancellationToken.None);

        Assert.That(catalog.Current.Templates.Select(t => t.Id), Is.EqualTo(new[] { "good" }));
        Assert.That(catalog.Current.Problems.Select(p => (p.Source, p.Code)), Is.EquivalentTo(new[] { ("bad.yaml", "yaml"), ("twice.yaml", "duplicate_id") }));
    }

    [Test]
    public async Task A_missing_folder_is_a_problem_and_no_failure()
    {
        var catalog = Catalog($"{_folder.FullName};{Path.Combine(_folder.FullName, "nowhere")}");

        await catalog.LoadAsync(CancellationToken.None);

        Assert.That(catalog.Current.Problems.Select(p => p.Code), Is.EqualTo(new[] { "no_folder" }));
        Assert.That(() => catalog.Get("none"), Throws.TypeOf<DoxException>().With.Property("Code").EqualTo("template_not_found"));
    }

    private void Write(string name, string yaml)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, yaml);
    }

    private static TemplateCatalog Catalog(string path) =>
        new(Options.Create(new TemplateMatchingOptions { TemplatesPath = path }), NullLogger<TemplateCatalog>.Instance);
}
