using System.Globalization;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Workflows;

/// <summary>What <c>dox audit verify</c> checks: every change to what was written shows, with where.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class ChainCheckTests(DatabaseProvider database)
{
    private OperatorHost _host = null!;
    private Id<Workflow> _ended;
    private Id<Workflow> _open;

    [SetUp]
    public async Task Start()
    {
        _host = await OperatorHost.StartAsync(database, VerbRules.All);
        (_ended, _) = await _host.InStateAsync("failed");
        await _host.DoAsync("retry", _ended);
        await _host.WhenAsync(_ended, "success");
        (_open, _) = await _host.InStateAsync("waiting_for_human");
        await _host.DoAsync("pause", _open);
    }

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    private async Task<List<ChainFinding>> CheckAsync()
    {
        var findings = new List<ChainFinding>();
        foreach (var check in _host.Host.Services.GetServices<IChainCheck>())
            await foreach (var finding in check.CheckAsync(CancellationToken.None)) findings.Add(finding.Chain == "audit" ? finding with { Chain = check.Name } : finding);
        return findings;
    }

    [Test]
    public async Task Everything_is_as_it_was_written()
    {
        var findings = await CheckAsync();
        Assert.Multiple(() =>
        {
            Assert.That(findings.Where(f => f.Problem is not null), Is.Empty);
            Assert.That(findings.Where(f => f.Chain == "journal").Select(f => (f.Chains, f.Entries)), Is.EqualTo(new[] { (2L, 8L) }));
            Assert.That(findings.Where(f => f.Chain == "Orchestration audit").Select(f => (f.Entries, f.Head!.Length)), Is.EqualTo(new[] { (2L, 64) }));
        });
    }

    [TestCase("UPDATE {0}journal SET output = '{{\"done\":\"a\"}}' WHERE workflow_id = {1} AND sequence = 1", 1)]
    [TestCase("UPDATE {0}journal SET actor = 'somebody else' WHERE workflow_id = {1} AND sequence = 3", 3)]
    [TestCase("DELETE FROM {0}journal WHERE workflow_id = {1} AND sequence = 2", 2)]
    [TestCase("UPDATE {0}journal SET sequence = 99 WHERE workflow_id = {1} AND sequence = 1; UPDATE {0}journal SET sequence = 1 WHERE workflow_id = {1} AND sequence = 2; UPDATE {0}journal SET sequence = 2 WHERE workflow_id = {1} AND sequence = 99", 1)]
    [TestCase("DELETE FROM {0}journal WHERE workflow_id = {1} AND sequence = 5", 5)]
    [TestCase("UPDATE {0}ended_runs SET journal_length = 4 WHERE id = {1}", 5)]
    [TestCase("DELETE FROM {0}journal WHERE workflow_id = {1}", 1)]
    [TestCase("DELETE FROM {0}ended_runs WHERE id = {1}", 1)]
    public async Task Every_change_to_a_journal_is_found_where_it_was_made(string sql, int position)
    {
        await _host.Host.InDb<OrchestrationDbContext>(async db =>
        {
            var postgres = database == DatabaseProvider.PostgreSql;
            var id = postgres ? $"'{_ended.Value:D}'" : $"'{_ended.Value.ToString("D").ToUpperInvariant()}'";
#pragma warning disable EF1002 // The texts are the test's
            foreach (var statement in sql.Split(';'))
                await db.Database.ExecuteSqlRawAsync(string.Format(CultureInfo.InvariantCulture, statement, postgres ? "orchestration." : "", id).Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
#pragma warning restore EF1002
        });
        var broken = (await CheckAsync()).Where(f => f.Problem is not null).ToList();
        Assert.That(broken.Select(f => (f.Chain, f.Position)), Is.EqualTo(new[] { (_ended.ToString(), (long)position) }), string.Join("; ", broken));
    }
}
