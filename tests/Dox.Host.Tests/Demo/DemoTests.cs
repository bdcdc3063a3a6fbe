using System.Globalization;
using Dox.Host.Demo;
using Dox.Testing.Servers;
using Spectre.Console;

namespace Dox.Host.Tests.Demo;

[NonParallelizable]
public sealed class DemoTests
{
    [Test]
    public async Task Each_document_ends_where_it_belongs_and_the_test_virus_is_refused()
    {
        var clamd = await ClamdServer.SharedAsync();

        var (code, told) = await RunAsync(new(StringComparer.Ordinal)
        {
            ["CLAMAV_HOST"] = clamd.UnixSocket ?? clamd.Host,
            ["CLAMAV_PORT"] = clamd.UnixSocket is null ? clamd.Port.ToString(CultureInfo.InvariantCulture) : null,
        });

        Assert.That(code, Is.Zero, told);
        Assert.That(told, Does.Not.Contain("was scanned").And.Contain("approved in review"));
    }

    [Test]
    public async Task Without_a_scanner_the_demo_says_that_nothing_was_scanned_and_leaves_nothing_behind()
    {
        string? folder = null;

        var (code, told) = await RunAsync(new(StringComparer.Ordinal) { ["CLAMAV_ENABLED"] = "false" }, setup => folder = setup.Settings["DOX_DATA_PATH"]);

        Assert.That(code, Is.Zero, told);
        Assert.That(told, Does.Contain("nothing was scanned").And.Contain("CLAMAV_HOST").And.Contain("unscanned"));
        Assert.That(folder, Is.Not.Null.And.Not.Empty);
        Assert.That(Directory.Exists(folder), Is.False);
    }

    private static async Task<(int Code, string Told)> RunAsync(Dictionary<string, string?> scanner, Action<DoxSetup>? look = null)
    {
        await using var told = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(told),
        });
        var session = new DemoSession(
            console,
            setup =>
            {
                look?.Invoke(setup);
                return DoxApplication.Build(setup with { Environment = scanner });
            },
            TimeProvider.System);
        var code = await session.RunAsync(new DemoOptions(Exit: true, Port: 0, Data: null, Picture: null), CancellationToken.None);
        return (code, told.ToString());
    }
}
