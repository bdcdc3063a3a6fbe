using System.Net;
using System.Net.Sockets;
using Dox.Host.CommandLine;
using Dox.Host.Demo.Samples;
using Microsoft.AspNetCore.Builder;

namespace Dox.Host.Tests.CommandLine;

public sealed class CommandLineTests
{
    private static readonly Func<DoxSetup, WebApplication> NoApplication = _ => throw new AssertionException("Nothing was to be built.");

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dox-test-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestCase("deom")]
    [TestCase("run", "fast")]
    [TestCase("run", "--port")]
    public async Task Word_that_is_neither_verb_nor_setting_is_refused(params string[] args) =>
        Assert.That(await DoxCommandLine.RunAsync(args, NoApplication), Is.EqualTo(2));

    [TestCase("--Dox:Http:Port=5001")]
    [TestCase("run", "--Dox:Http:Port=5001")]
    public async Task Settings_reach_the_application(params string[] args)
    {
        string[]? given = null;

        Assert.That(
            async () => await DoxCommandLine.RunAsync(args, setup =>
            {
                given = setup.Arguments;
                throw new OperationCanceledException();
            }),
            Throws.InstanceOf<OperationCanceledException>());

        Assert.That(given, Is.EqualTo(new[] { "--Dox:Http:Port=5001" }));
    }

    [Test]
    public async Task Bad_configuration_ends_with_its_own_code() => Assert.That(
        await DoxCommandLine.RunAsync([], setup => DoxApplication.Build(setup with { Environment = Variables(("CLAMAV_ENABLED", "perhaps")) })),
        Is.EqualTo(78));

    [Test]
    public async Task Port_that_is_taken_is_said_and_not_thrown()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var code = await DoxCommandLine.RunAsync(
            [$"--Dox:Http:Port={port}", "--Dox:Http:Address=127.0.0.1"], setup => DoxApplication.Build(setup with { Environment = Variables() }));

        Assert.That(code, Is.EqualTo(1));
    }

    [Test]
    public async Task Migrate_makes_the_databases_and_serves_nothing()
    {
        var code = await DoxCommandLine.RunAsync(["migrate"], setup => DoxApplication.Build(setup with { Environment = Variables() }));

        Assert.That(code, Is.Zero);
        Assert.That(
            _folder.GetFiles("*.db").Select(file => Path.GetFileNameWithoutExtension(file.Name)),
            Is.EquivalentTo(["orchestration", "validation", "template_matching", "team_coordination"]));
    }

    [Test]
    public async Task Samples_are_written_to_a_folder_that_is_made()
    {
        var target = Path.Combine(_folder.FullName, "new");

        var code = await DoxCommandLine.RunAsync(["samples", target, "--seed", "7"], NoApplication);

        Assert.That(code, Is.Zero);
        Assert.That(
            Directory.GetFiles(target).Select(Path.GetFileName),
            Is.EquivalentTo(SampleLibrary.All(7, TimeProvider.System).Select(sample => sample.FileName)));
    }

    private Dictionary<string, string?> Variables(params ReadOnlySpan<(string Name, string Value)> more)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["SERVICE_ENV"] = "development",
            ["DOX_DATA_PATH"] = _folder.FullName,
            ["CLAMAV_ENABLED"] = "false",
            ["LOG_LEVEL"] = "critical",
        };
        foreach (var (name, value) in more) all[name] = value;
        return all;
    }
}
