using Dox.Host.Tests.CommandLine;
using Dox.Host.Tests.Configuration;
using Dox.Testing;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests;

/// <summary>What is written down of the product is what it does. DOX_WRITE_DOCS=1 writes the files.</summary>
public sealed class ReferenceTests
{
    [Test]
    public void Configuration_is_described_as_it_is() => ShouldBe("configuration.md", ConfigurationReference.Markdown());

    [Test]
    public void Lint_codes_are_described_as_they_are() => ShouldBe("lint-codes.md", RuleReferences.LintCodes());

    [Test]
    public async Task Actions_are_described_as_they_are() => ShouldBe("actions.md", await RuleReferences.ActionsAsync());

    [Test]
    public async Task Schema_of_rules_is_written_as_it_is() => ShouldBe("rule.schema.json", await RuleReferences.SchemaAsync());

    [Test]
    public void Verbs_are_described_as_they_are() => ShouldBe("cli.md", CommandLineReference.Markdown());

    [Test]
    public async Task Api_is_described_as_it_is()
    {
        await using var host = await DoxHostFixture.StartAsync();

        ShouldBe("openapi.json", await host.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)) + "\n");
    }

    [Test]
    public async Task Page_of_the_api_needs_nothing_from_elsewhere()
    {
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup { Modules = [new ProbeModule()] });
        var page = await host.Client.GetStringAsync(new Uri("/docs/", UriKind.Relative));
        var scripts = System.Text.RegularExpressions.Regex.Matches(page, """(src|href)="(?<address>[^"]+)""", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
            .Select(m => m.Groups["address"].Value).ToList();

        Assert.That(scripts, Is.Not.Empty);
        foreach (var script in scripts)
        {
            Assert.That(script, Does.Not.StartWith("http").And.Not.StartWith("//"));
            if (script.StartsWith("data:", StringComparison.Ordinal)) continue;
            using var answer = await host.Client.GetAsync(new Uri(new Uri(host.Client.BaseAddress!, "/docs/"), script));
            Assert.That(answer.IsSuccessStatusCode, Is.True, script);
        }
    }

    private static void ShouldBe(string name, string now)
    {
        var file = Path.Combine(Repository.Root, "docs", "reference", name);
        if (Environment.GetEnvironmentVariable("DOX_WRITE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, now);
        }

        Assert.That(File.Exists(file) ? File.ReadAllText(file) : "", Is.EqualTo(now), $"docs/reference/{name} is out of date: run this test with DOX_WRITE_DOCS=1, and look at what changed.");
    }
}
