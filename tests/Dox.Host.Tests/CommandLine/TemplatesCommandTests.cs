using Dox.Host.CommandLine;
using Dox.Host.Demo.Samples;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.CommandLine;

public sealed class TemplatesCommandTests
{
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await DoxHostFixture.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Template_is_learned_named_published_and_put_back()
    {
        var samples = new[] { SampleLibrary.Claim(1, TimeProvider.System), SampleLibrary.Claim(2, TimeProvider.System) };
        var files = samples.Select((_, i) => Path.Combine(_host.DataFolder, $"claim-{i}.pdf")).ToList();
        for (var i = 0; i < files.Count; i++) await File.WriteAllBytesAsync(files[i], samples[i].Content);

        var (learned, definition) = await RunAsync("templates", "learn", files[0], files[1], "--id", "acme.claim", "--name", "Claims");
        var named = Path.Combine(_host.DataFolder, "claim.yaml");
        await File.WriteAllTextAsync(named, definition.Replace("name: Claims", "name: Motor", StringComparison.Ordinal));
        var (published, said) = await RunAsync("templates", "publish", named, "--id", "acme.claim", "--reason", "named");
        var (listed, list) = await RunAsync("templates", "list");
        var (tested, report) = await RunAsync("templates", "test", "--with", named);
        var (asItIs, library) = await RunAsync("templates", "test");
        var (restored, back) = await RunAsync("templates", "restore", "acme.claim");
        var (shown, text) = await RunAsync("templates", "show", "acme.claim");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((learned, published, listed, restored, shown), Is.EqualTo((0, 0, 0, 0, 0)), $"{definition}\n{said}\n{list}\n{back}\n{text}");
            Assert.That(said.Trim(), Is.EqualTo("acme.claim: revision 2 is in force"));
            Assert.That(list, Does.Contain("Motor").And.Contain("example.nordwind.invoice"));
            Assert.That((tested, asItIs), Is.EqualTo((0, 1)), report);
            Assert.That(report.Trim(), Does.Contain("is acme.claim, and is taken for example.harbour.claim").And.Contain("0 regressions, 0 not readable"), "the server has a template of that form already");
            Assert.That(library.Trim(), Does.Contain("of 2 recognised as what they are"), "its two samples");
            Assert.That(back.Trim(), Is.EqualTo("acme.claim: revision 3 is in force"));
            Assert.That(text, Is.EqualTo(definition));
        }
    }

    [Test]
    public async Task Folder_of_foreign_templates_is_imported_and_what_is_wrong_is_told_with_its_place()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_host.DataFolder, "foreign"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "org.harbour.yml"), "issuer: Harbour\nkeywords: [Harbour Example]\nfields:\n  amount: Total:\\s+(\\d+)\n");
        var (dry, would) = await RunAsync("templates", "import", folder.FullName, "--dry-run");
        var (imported, said) = await RunAsync("templates", "import", folder.FullName);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "broken.yml"), "keywords: [Harbour\nfields: {");
        var (again, problems) = await RunAsync("templates", "import", folder.FullName);
        var (drafts, none) = await RunAsync("templates", "drafts", "list");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((dry, would.Trim()), Is.EqualTo((0, "1 added, 0 updated, 0 unchanged, 0 refused; nothing was stored")));
            Assert.That((imported, said.Trim()), Is.EqualTo((0, "1 added, 0 updated, 0 unchanged, 0 refused")));
            Assert.That(again, Is.EqualTo(1));
            Assert.That(problems, Does.Contain("broken.yml(").And.Contain("0 added, 0 updated, 1 unchanged, 1 refused"));
            Assert.That((drafts, none.Trim()), Is.EqualTo((0, "There is none.")));
        }
    }

    [TestCase(3, "There is no template 'none'", "templates", "show", "none")]
    [TestCase(3, "There is no draft 'none'", "templates", "drafts", "publish", "none")]
    [TestCase(2, "There is no file or folder", "templates", "import", "nowhere")]
    [TestCase(3, "Nothing was learned from", "templates", "forget", "doc_019a0000000070008000000000000000")]
    [TestCase(3, "There is no template 'none'", "templates", "restore", "none")]
    [TestCase(2, "There is no file", "templates", "learn", "nowhere.pdf", "--id", "acme.x")]
    [TestCase(2, "There is no file", "templates", "publish", "nowhere.yaml", "--id", "acme.x")]
    public async Task What_cannot_be_done_is_said_and_ends_with_a_code(int code, string says, params string[] args)
    {
        var (ended, output) = await RunAsync(args);
        Assert.That(ended, Is.EqualTo(code), output);
        Assert.That(output, Does.Contain(says));
    }

    private Task<(int Code, string Output)> RunAsync(params string[] args) => RunAsync(_host.Client.BaseAddress!.ToString(), args);

    private static async Task<(int Code, string Output)> RunAsync(string url, string[] args, string? key = null)
    {
        await using var output = new StringWriter();
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOX_URL"] = url, ["DOX_API_KEY"] = key };
        var code = await DoxCommandLine.RunAsync(args, _ => throw new AssertionException("Nothing was to be built."), output, variables);
        return (code, output.ToString());
    }
}
