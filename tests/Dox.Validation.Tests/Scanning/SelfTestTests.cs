using Dox.Testing;
using Dox.Testing.Servers;
using Dox.Validation.Scanning;

namespace Dox.Validation.Tests.Scanning;

internal sealed class SelfTestTests
{
    private const long Largest = 50 * 1024 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_scanner_as_we_ship_it_passes()
    {
        var server = await ClamdServer.SharedAsync();

        Assert.That(await TestAsync(server.UnixSocket ?? server.Host, server.Port), Is.Empty);
    }

    [TestCase("deploy/clamav/clamd.conf")]
    [TestCase("docs/guides/clamav.md")]
    public async Task What_deployments_and_the_guide_set_passes(string file)
    {
        string[] names = ["StreamMaxLength", "MaxFileSize", "MaxScanSize", "AlertExceedsMax", "AlertEncrypted"];
        var lines = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, file));
        var settings = lines.Select(l => l.Split(' ')).Where(l => l.Length == 2 && names.Contains(l[0], StringComparer.Ordinal)).ToDictionary(l => l[0], l => l[1], StringComparer.Ordinal);
        await using var server = await ClamdServer.StartPrivateAsync(settings);

        Assert.That(settings.Keys, Is.EquivalentTo(names));
        Assert.That(await TestAsync(server.Host, server.Port), Is.Empty);
    }

    [TestCase("AlertExceedsMax", "no", "nested too deep")]
    [TestCase("MaxFileSize", "20M", "limits are under ours")]
    [TestCase("StreamMaxLength", "20M", "limits are under ours")]
    public async Task A_scanner_that_would_look_away_does_not(string setting, string value, string problem)
    {
        await using var server = await ClamdServer.StartPrivateAsync(new Dictionary<string, string>(StringComparer.Ordinal) { [setting] = value });

        Assert.That(await TestAsync(server.Host, server.Port), Has.Some.Contains(problem));
    }

    [Test]
    public async Task A_scanner_with_small_limits_that_keeps_them_to_itself_does_not()
    {
        await using var server = await ClamdServer.StartPrivateAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["MaxFileSize"] = "20M", ["AlertExceedsMax"] = "no" });

        Assert.That(await TestAsync(server.Host, server.Port), Has.Some.Contains("without looking at their end"));
    }

    [Test]
    public async Task A_scanner_without_signatures_does_not()
    {
        await using var server = await ClamdServer.StartPrivateAsync(knowsTheVirus: false);

        Assert.That(await TestAsync(server.Host, server.Port), Has.Some.Contains("doesn't find the test virus"));
    }

    private static Task<IReadOnlyList<string>> TestAsync(string host, int port) =>
        SelfTest.RunAsync(new ClamdClient(new ClamdAddress(host, port), Limit, Limit, TimeProvider.System), Largest, CancellationToken.None);
}
