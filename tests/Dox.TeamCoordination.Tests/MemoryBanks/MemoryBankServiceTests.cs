using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.TeamCoordination.Tests.MemoryBanks;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
internal sealed class MemoryBankServiceTests(DatabaseProvider provider)
{
    private static readonly string[] s_files = ["SUPERVISOR.json", "TEAM_Data.json", "SERVICE_dox-gtwy-main.json"];

    [Test]
    public async Task Several_processes_and_other_programs_count_together()
    {
        await using var host = await TeamsHost.StartAsync(provider, writesBanks: true, ("Dox:MemoryBanks:WriteInterval", "00:00:00.002"));
        var second = ActivatorUtilities.CreateInstance<MemoryBankService>(host.Services, ActivatorUtilities.CreateInstance<BankWriter>(host.Services));
        await second.StartAsync(CancellationToken.None);
        var outside = Task.Run(async () =>
        {
            var counted = 0;
            var other = new OutsideWriter(Path.Combine(host.BankPath, s_files[0]), "other", host.Clock);
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(3));
            while (counted < 25 && await pause.WaitForNextTickAsync())
            {
                if (other.Begin() && other.Finish("n", 1)) counted++;
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
                await host.SendAsync(new UpdateMemoryBanks([.. s_files.Select(f => new BankUpdate(f, JsonElement.Parse("""{"n":"+1"}""")))]));
        })));
        await outside;
        await WhenWrittenAsync(host);
        await second.StopAsync(CancellationToken.None);
        Assert.That(s_files.Select(f => (int)Read(host, f)["n"]!), Is.EqualTo(new[] { 125, 100, 100 }));
    }

    [Test]
    public async Task A_stop_writes_what_waits_and_a_start_counts_nothing_again()
    {
        await using var host = await TeamsHost.StartAsync(provider, writesBanks: true, ("Dox:MemoryBanks:WriteInterval", "00:05:00"), ("Dox:MemoryBanks:PollInterval", "00:05:00"));
        await host.SendAsync(new UpdateMemoryBanks([new(s_files[0], JsonElement.Parse("""{"n":"+1"}"""))]));
        await host.RestartAsync();
        Assert.That((int)Read(host, s_files[0])["n"]!, Is.EqualTo(1));
        await host.SendAsync(new UpdateMemoryBanks([new(s_files[0], JsonElement.Parse("""{"n":"+1"}"""))]));
        await host.RestartAsync();
        Assert.That((int)Read(host, s_files[0])["n"]!, Is.EqualTo(2));
    }

    [Test]
    public async Task A_bank_that_breaks_while_nothing_else_happens_is_mended()
    {
        await using var host = await TeamsHost.StartAsync(
            provider, writesBanks: true, ("Dox:MemoryBanks:WriteInterval", "00:00:00.005"), ("Dox:MemoryBanks:PollInterval", "00:00:00.020"));
        await host.SendAsync(new UpdateMemoryBanks([new(s_files[0], JsonElement.Parse("""{"n":"+1"}"""))]));
        await WhenWrittenAsync(host);
        await File.WriteAllTextAsync(Path.Combine(host.BankPath, s_files[0]), "broken");
        await UntilAsync(() => Task.FromResult(Directory.GetFiles(host.BankPath, "*.broken-*").Length == 1 && File.Exists(Path.Combine(host.BankPath, s_files[0]))));
        Assert.That((int)Read(host, s_files[0])["n"]!, Is.EqualTo(1));
    }

    private static JsonObject Read(TeamsHost host, string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(host.BankPath, file)))!.AsObject();

    private static Task WhenWrittenAsync(TeamsHost host) =>
        UntilAsync(async () => (await host.SendAsync(new ListMemoryBanks.Query())).MemoryBanks is { Count: > 0 } banks && banks.All(b => b.PendingUpdates == 0));

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        while (!await reached()) await look.WaitForNextTickAsync(limit.Token);
    }
}
