using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Dox.Host.CommandLine;
using Dox.Testing;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.CommandLine;

/// <summary>What <c>docs/guides/first-rule.md</c> tells its reader to write and to run.</summary>
[NonParallelizable]
public sealed partial class RuleGuideTests
{
    private static readonly string Guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "guides", "first-rule.md"));

    private DirectoryInfo _folder = null!;

    [GeneratedRegex("```yaml\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex YamlBlocks();

    [GeneratedRegex("dox (?<arguments>rules simulate .*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SimulateCommand();

    private string RuleFile => Path.Combine(_folder.FullName, "invoice_limit.yaml");

    [SetUp]
    public void WriteAsTheGuideSays()
    {
        _folder = Directory.CreateTempSubdirectory("dox-test-");
        var blocks = YamlBlocks().Matches(Guide).Select(block => block.Groups["text"].Value).ToList();
        File.WriteAllText(RuleFile, blocks.Single(block => block.StartsWith("name: invoice_limit", StringComparison.Ordinal)));
        File.WriteAllText(Path.Combine(_folder.FullName, "invoice_limit.tests.yaml"), blocks.Single(block => block.StartsWith("cases:", StringComparison.Ordinal)));
    }

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    private static async Task<(int Code, string Output)> Run(params string[] args)
    {
        await using var output = new StringWriter();
        var code = await DoxCommandLine.RunAsync(args, DoxApplication.Build, output);
        return (code, output.ToString());
    }

    [Test]
    public async Task Its_rule_lints_and_its_tests_hold()
    {
        var lint = await Run("rules", "lint", _folder.FullName, "--strict");
        var test = await Run("rules", "test", _folder.FullName);
        Assert.That((lint.Code, test.Code), Is.EqualTo((0, 0)), lint.Output + test.Output);
        Assert.That(test.Output, Does.EndWith("3 passed, 0 failed\n"));
    }

    [Test]
    public async Task Its_simulation_runs()
    {
        var command = SimulateCommand().Match(Guide).Groups["arguments"].Value.Replace("rules/invoice_limit.yaml", RuleFile, StringComparison.Ordinal);
        var words = Regex.Matches(command, "'(?<quoted>[^']*)'|(?<plain>[^ ]+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(word => word.Groups["quoted"].Success ? word.Groups["quoted"].Value : word.Value);
        var (code, output) = await Run([.. words]);
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("otherwise: Ask").And.Contain("success after 0 s"));
    }

    [Test]
    public async Task Its_rule_is_put_in_force_and_compared_with_what_was()
    {
        await using var host = await DoxHostFixture.StartAsync();
        using var content = new StringContent(await File.ReadAllTextAsync(RuleFile), Encoding.UTF8, "application/yaml");
        using var put = await host.Client.PutAsync(new Uri("/api/v1/rules/invoice_limit?reason=first+version", UriKind.Relative), content);
        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        var before = Environment.GetEnvironmentVariable("DOX_URL");
        try
        {
            Environment.SetEnvironmentVariable("DOX_URL", host.Client.BaseAddress!.ToString());
            var (code, output) = await Run("rules", "backtest", RuleFile);
            Assert.That((code, output), Is.EqualTo((0, "0 runs compared: 0 the same, 0 flipped, 0 unknown\n")));

            Environment.SetEnvironmentVariable("DOX_URL", "http://127.0.0.1:1");
            var away = await Run("rules", "backtest", RuleFile);
            Assert.That(away.Code, Is.EqualTo(3));
            Assert.That(away.Output, Does.Contain("http://127.0.0.1:1 can't be reached"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("DOX_URL", before);
        }
    }
}
