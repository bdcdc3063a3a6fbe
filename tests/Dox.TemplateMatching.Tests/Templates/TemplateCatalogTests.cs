using Dox.SharedKernel.Errors;
using Dox.TemplateMatching.Templates;
using Dox.Testing.Hosts;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.TemplateMatching.Tests.Templates;

[TestFixture]
public sealed class TemplateCatalogTests
{
    private const string Anchors = "match: { anchors: [{ text: one }, { text: two }, { text: three }] }";
    private DirectoryInfo _folder = null!;
    private DoxHostFixture _host = null!;

    [SetUp]
    public async Task MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("dox-templates-");
        Write("a/good.yaml", $"id: good\n{Anchors}");
        Write("bad.yaml", "id: [");
        Write("twice.yaml", $"id: good\n{Anchors}");
        _host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:TemplateMatching:TemplatesPath"] = $"{_folder.FullName};{Path.Combine(_folder.FullName, "nowhere")}" },
        });
    }

    [TearDown]
    public async Task DropFolder()
    {
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Files_that_change_are_in_force_and_bad_ones_are_reported_and_take_nothing_down()
    {
        var catalog = _host.Services.GetRequiredService<TemplateCatalog>();
        Assert.That(catalog.Current.Templates.Select(t => t.Id), Is.EqualTo(new[] { "good" }));
        Assert.That(
            catalog.Current.Problems.Select(p => (p.Source, p.Code)),
            Is.EquivalentTo(new[] { ("bad.yaml", "yaml"), ("twice.yaml", "duplicate_id"), (Path.Combine(_folder.FullName, "nowhere"), "no_folder") }));
        Assert.That(() => catalog.Get("none"), Throws.TypeOf<DoxException>().With.Property("Code").EqualTo("template_not_found"));

        Write("a/good.yaml", "id: [ broken");
        File.Delete(Path.Combine(_folder.FullName, "twice.yaml"));
        Write("bad.yaml", $"id: mended\n{Anchors}");
        await catalog.ReloadAsync(CancellationToken.None);

        Assert.That(catalog.Current.Templates.Select(t => t.Id), Is.EqualTo(new[] { "good", "mended" }));
        Assert.That(catalog.Current.Problems.Select(p => p.Source), Has.Exactly(1).EqualTo("good.yaml").Or.EqualTo(Path.Combine("a", "good.yaml")));
        Assert.That(await catalog.ReloadAsync(CancellationToken.None), Is.False, "nothing changed since");
    }

    private void Write(string name, string yaml)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, yaml);
    }
}
