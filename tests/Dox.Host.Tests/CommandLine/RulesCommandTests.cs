using System.Text.Json;
using Dox.Host.CommandLine;
using Dox.Testing;

namespace Dox.Host.Tests.CommandLine;

public sealed class RulesCommandTests
{
    private static readonly string Workflows = Path.Combine(Repository.Root, "workflows");

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dox-test-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    private static async Task<(int Code, string Output)> Run(params string[] args)
    {
        await using var output = new StringWriter();
        var code = await DoxCommandLine.RunAsync(args, DoxApplication.Build, output);
        return (code, output.ToString());
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }

    [Test]
    public async Task Shipped_rules_have_nothing_that_lint_could_say()
    {
        var (code, output) = await Run("rules", "lint", Workflows, "--strict");
        Assert.That((code, output), Is.EqualTo((0, $"{Directory.GetFiles(Workflows, "*.yaml").Count(file => !file.EndsWith(".tests.yaml", StringComparison.Ordinal))} files, 0 errors, 0 warnings\n")));
    }

    [Test]
    public async Task Every_shipped_rule_has_tests_and_they_hold()
    {
        var (code, output) = await Run("rules", "test", Workflows);
        Assert.That(code, Is.Zero, output);
        foreach (var rule in Directory.GetFiles(Workflows, "*.yaml").Where(file => !file.EndsWith(".tests.yaml", StringComparison.Ordinal)))
            Assert.That(output, Does.Contain($"passed  {Path.ChangeExtension(rule, null)}.tests.yaml("));
    }

    [Test]
    public async Task Lint_names_each_mistake_with_its_place_and_exits_non_zero()
    {
        var file = Write("bad.yaml", "name: bad\nversion: \"1.0.0\"\nprioritty: high\nsteps:\n  - { name: First, action: api_cal }\n");
        var (code, output) = await Run("rules", "lint", _folder.FullName);
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(output, Does.Contain($"{file}(3,1): warning unknown-key: A rule has no key 'prioritty'; it is documentation. (did you mean 'priority'?)"));
            Assert.That(output, Does.Contain($"{file}(5,28): error unknown-action: There is no action 'api_cal'. (did you mean 'api_call'?)"));
            Assert.That(output, Does.EndWith("1 file, 1 error, 2 warnings\n"));
        });
    }

    [Test]
    public async Task Ten_different_mistakes_of_one_file_are_named_in_one_pass()
    {
        var file = Path.Combine(Repository.Root, "tests", "Dox.Workflows.Tests", "Rules", "Files", "ten-mistakes.yaml");
        var (code, output) = await Run("rules", "lint", file);
        Assert.That(code, Is.EqualTo(1));
        foreach (var mistake in new[]
        {
            "(3,10): warning bad-version", "(4,1): warning unknown-key", "(5,36): error bad-cron", "(8,13): error unknown-action", "(12,24): warning unknown-service", "(14,17): error unknown-step",
            "(17,22): error unknown-function", "(18,22): warning bad-duration", "(20,11): error duplicate-step", "(22,22): error bad-expression", "(25,5): warning unreachable-step",
        })
            Assert.That(output, Does.Contain($"{file}{mistake}: "));
    }

    [Test]
    public async Task Lint_as_json_is_for_programs()
    {
        var file = Write("bad.yaml", "name: bad\nversion: \"1.0.0\"\ntrigger: { type: manual }\nsteps:\n  - { name: First, action: api_cal }\n");
        var (code, output) = await Run("rules", "lint", file, "--output", "json");
        var report = JsonDocument.Parse(output).RootElement;
        var found = report.GetProperty("files")[0].GetProperty("diagnostics")[0];
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(report.GetProperty("errors").GetInt32(), Is.EqualTo(1));
            Assert.That((found.GetProperty("code").GetString(), found.GetProperty("severity").GetString(), found.GetProperty("line").GetInt32(), found.GetProperty("column").GetInt32()), Is.EqualTo(("unknown-action", "error", 5, 28)));
        });
    }

    [TestCase("lint")]
    [TestCase("test")]
    public async Task Path_where_nothing_is_is_said(string verb) =>
        Assert.That(await Run("rules", verb, Path.Combine(_folder.FullName, "nowhere")), Is.EqualTo((2, $"There is no file or folder '{_folder.FullName}/nowhere'.\n")));

    [Test]
    public async Task Case_that_fails_is_told_and_exits_non_zero()
    {
        Write("small.yaml", "name: small\nversion: \"1.0.0\"\ntrigger: { type: manual }\nsteps:\n  - { name: Add, action: custom_logic, params: { logic: 1 + 1 }, output: sum }\n");
        Write("small.tests.yaml", "cases:\n  - { name: Sums, expect: { outputs: { sum: 3 } } }\n");
        var (code, output) = await Run("rules", "test", _folder.FullName);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("FAILED").And.Contain("outputs.sum is 2; expected: 3.").And.EndWith("0 passed, 1 failed\n"));
    }

    [Test]
    public async Task Simulation_shows_the_path_and_the_lines_that_decided()
    {
        var (code, output) = await Run(
            "rules", "simulate", Path.Combine(Workflows, "validate_file_for_upload.yaml"), "--input", """{"document":{"id":"doc_1"}}""", "--mocks",
            """{"File Size":{"output":{"passed":false}},"MIME Type":{"output":{"passed":true}},"Virus Scan":{"output":{"passed":true}},"Format Validation":{"output":{"passed":true}}}""");
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("Rate Limit (skipped): skipped: file_size.passed").And.Contain("success after 0 s"));
    }

    [Test]
    public async Task Simulation_stops_at_the_step_whose_outcome_nobody_gave()
    {
        var (code, output) = await Run("rules", "simulate", Path.Combine(Workflows, "validate_file_for_upload.yaml"));
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("File Size: what comes of it isn't known; add it to --mocks."));
    }

    [TestCase("--input", "{", "--input is no JSON")]
    [TestCase("--mocks", "{ Fiel Size: { output: 1 } }", "did you mean 'File Size'?")]
    public async Task Simulation_of_bad_words_is_refused(string option, string value, string says)
    {
        var (code, output) = await Run("rules", "simulate", Path.Combine(Workflows, "validate_file_for_upload.yaml"), option, value);
        Assert.That((code, output), Is.EqualTo((2, output)));
        Assert.That(output, Does.Contain(says));
    }

    [Test]
    public async Task Actions_lists_what_rules_may_name()
    {
        var (code, output) = await Run("rules", "actions", "--output", "json");
        var names = JsonDocument.Parse(output).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Zero);
            Assert.That(names.GetProperty("actions").EnumerateArray().Select(action => action.GetProperty("name").GetString()), Is.SupersetOf(new[] { "api_call", "custom_logic", "manual_intervention", "wait" }));
            Assert.That(names.GetProperty("functions").EnumerateArray().Select(function => function.GetProperty("name").GetString()), Has.Some.EqualTo("check_file_size"));
            Assert.That(names.GetProperty("endpoints").EnumerateArray().Select(endpoint => endpoint.GetProperty("endpoint").GetString()), Has.Some.EqualTo("POST /api/recognize/template"));
        });
    }
}
