using System.Text.RegularExpressions;
using Dox.Host.CommandLine;
using Dox.Testing;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.CommandLine;

/// <summary>What <c>docs/guides/first-template.md</c> tells its reader to run, in its order, against a server as the demo's.</summary>
public sealed partial class TemplateGuideTests
{
    private const string Foreign = "issuer: Harbour\nkeywords: [Harbour Example]\nfields:\n  amount: Total:\\s+(\\d+)\n";

    private const int BadUsage = 2;

    private DirectoryInfo _folder = null!;
    private DoxHostFixture _host = null!;

    [GeneratedRegex("```sh\n(?<commands>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Blocks();

    [GeneratedRegex("\"(?<word>[^\"]*)\"|(?<word>[^ ]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Words();

    [OneTimeSetUp]
    public async Task Start()
    {
        _folder = Directory.CreateTempSubdirectory("dox-test-");
        await File.WriteAllTextAsync(Path.Combine(_folder.CreateSubdirectory("invoice-templates").FullName, "org.harbour.yml"), Foreign);
        _host = await DoxHostFixture.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Its_commands_do_what_it_says()
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "guides", "first-template.md"));
        var commands = Blocks().Matches(guide).SelectMany(b => b.Groups["commands"].Value.Split(["\n", " && "], StringSplitOptions.RemoveEmptyEntries))
            .Where(c => c.StartsWith("dox ", StringComparison.Ordinal)).Select(c => c[4..]).ToList();
        Assert.That(commands, Has.Count.GreaterThan(10));

        Dictionary<string, string> told = new(StringComparer.Ordinal);
        foreach (var command in commands)
        {
            var (code, output) = await RunAsync(command);
            // A name that ends so stands for one of the reader's own
            if (command.Contains('…', StringComparison.Ordinal)) Assert.That(code, Is.Not.Zero.And.Not.EqualTo(BadUsage), $"{command}\n{output}");
            else Assert.That(code, Is.Zero, $"{command}\n{output}");
            told[command] = output;
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(told["templates test --with acme.claim.yaml"], Does.Contain("is acme.claim, and is taken for example.harbour.claim").And.Contain("0 regressions"));
            Assert.That(told["templates publish acme.claim.yaml --id acme.claim --reason \"fields named\""], Does.Contain("revision 2 is in force"));
            Assert.That(told["templates import invoice-templates/ --dry-run"], Does.Contain("1 added").And.Contain("nothing was stored"));
            Assert.That(told["templates restore acme.claim --revision 1 --reason \"began anew\""], Does.Contain("revision 3 is in force"));
        }
    }

    private async Task<(int Code, string Output)> RunAsync(string command)
    {
        var (line, file) = command.Split(" > ") is [var before, var target] ? (before, target) : (command, null);
        var words = Words().Matches(line).Select(w => w.Groups["word"].Value).ToList();
        string[] arguments = [.. words.SelectMany(Files)];
        await using var output = new StringWriter();
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOX_URL"] = _host.Client.BaseAddress!.ToString() };
        var code = await DoxCommandLine.RunAsync(arguments, _ => throw new AssertionException("Nothing was to be built."), output, variables);
        if (file is not null) await File.WriteAllTextAsync(Path.Combine(_folder.FullName, file), output.ToString());
        return (code, output.ToString());
    }

    // As a shell in that folder would have it
    private IEnumerable<string> Files(string word)
    {
        if (word is "one" or "two") return [Path.Combine(_folder.FullName, word)];
        if (!word.Contains('/', StringComparison.Ordinal) && !File.Exists(Path.Combine(_folder.FullName, word))) return [word];
        if (word.EndsWith('/')) return [Path.Combine(_folder.FullName, word)];
        var found = Directory.GetFiles(Path.Combine(_folder.FullName, Path.GetDirectoryName(word)!), Path.GetFileName(word)).Order(StringComparer.Ordinal).ToList();
        return found.Count > 0 ? found : [word];
    }
}
