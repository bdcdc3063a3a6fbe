using System.Net;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Tests.Workflows;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class AuditTests(DatabaseProvider database)
{
    private static readonly Caller Olga = new("olga", "house", [Role.Operator], []);

    private OperatorHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await OperatorHost.StartAsync(database);

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    private Task NoteAsync(int count, bool commit = true) => _host.Host.InDb<OrchestrationDbContext>(async db =>
    {
        await using var write = await db.BeginWriteAsync(CancellationToken.None);
        for (var i = 0; i < count; i++)
            await db.NoteAsync(new AuditRecord(Olga, "acme", $"test.act-{i % 2}", $"wf_{i}", "Because.", "running", "paused"), TimeProvider.System, CancellationToken.None);
        if (commit) await write.CommitAsync(CancellationToken.None);
    });

    private Task<AuditCheck> CheckAsync() => _host.Host.InDb<OrchestrationDbContext, AuditCheck>(db => AuditTrail.CheckAsync(db, CancellationToken.None));

    [Test]
    public async Task Audit_is_listed_newest_first_and_page_by_page()
    {
        await NoteAsync(5);
        var first = await _host.GetAsync("audit?limit=2");
        var second = await _host.GetAsync($"audit?limit=2&cursor={first.Json["next_cursor"]}");
        var filtered = await _host.GetAsync("audit?action=test.act-1&actor=olga&account=acme&from=2026-01-01T00:00:00Z");
        Assert.Multiple(() =>
        {
            Assert.That(first.Json["entries"]!.AsArray().Select(e => (int)e!["sequence"]!), Is.EqualTo(new[] { 5, 4 }));
            Assert.That(second.Json["entries"]!.AsArray().Select(e => (int)e!["sequence"]!), Is.EqualTo(new[] { 3, 2 }));
            Assert.That(filtered.Json["entries"]!.AsArray().Select(e => (string)e!["subject"]!), Is.EqualTo(new[] { "wf_3", "wf_1" }));
            Assert.That((string)first.Json["entries"]![0]!["actor_roles"]![0]!, Is.EqualTo("operator"));
        });
        Assert.That((await _host.GetAsync("audit?cursor=nonsense!")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await _host.GetAsync("audit?subject=wf_none")).Json["entries"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Change_that_is_given_up_leaves_no_entry()
    {
        await NoteAsync(2);
        await NoteAsync(3, commit: false);
        await NoteAsync(1);
        var check = await CheckAsync();
        Assert.That((check.Length, check.Problem), Is.EqualTo((3, (string?)null)));
    }

    [Test]
    public async Task Entries_written_at_the_same_time_make_one_chain()
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => NoteAsync(3)));
        var check = await CheckAsync();
        Assert.That((check.Length, check.Problem), Is.EqualTo((36, (string?)null)));
    }

    [TestCase("UPDATE {0}audit SET reason = 'Because!' WHERE sequence = 3", 3)]
    [TestCase("UPDATE {0}audit SET actor = 'anna' WHERE sequence = 1", 1)]
    [TestCase("DELETE FROM {0}audit WHERE sequence = 2", 2)]
    [TestCase("UPDATE {0}audit SET sequence = sequence + 100 WHERE sequence = 2; UPDATE {0}audit SET sequence = 2 WHERE sequence = 3; UPDATE {0}audit SET sequence = 3 WHERE sequence = 102", 2)]
    [TestCase("DELETE FROM {0}audit WHERE sequence = 5", 5)]
    [TestCase("UPDATE {0}audit_head SET length = 4; DELETE FROM {0}audit WHERE sequence = 5", 4)]
    public async Task Every_change_to_what_was_written_is_found(string sql, int brokenAt)
    {
        await NoteAsync(5);
        await _host.Host.InDb<OrchestrationDbContext>(async db =>
        {
#pragma warning disable EF1002 // The texts are the test's
            foreach (var statement in sql.Split(';')) await db.Database.ExecuteSqlRawAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, statement, database == DatabaseProvider.PostgreSql ? "orchestration." : ""));
#pragma warning restore EF1002
        });
        var check = await CheckAsync();
        Assert.That((check.BrokenAt, check.Problem), Is.EqualTo(((long)brokenAt, check.Problem)));
        Assert.That(check.Problem, Is.Not.Null);
    }

    [Test]
    public async Task Only_operators_read_it()
    {
        foreach (var role in new[] { Role.Submitter, Role.Reviewer, Role.Author })
        {
            Assert.That(
                async () => await _host.Host.SendAsync(new Dox.Orchestration.Audit.ListAudit.Query(), new Caller("anna", "acme", [role], [])),
                Throws.TypeOf<Dox.SharedKernel.Errors.DoxException>().With.Property("Status").EqualTo(403));
        }

        Assert.That((await _host.Host.SendAsync(new Dox.Orchestration.Audit.ListAudit.Query(), DoxHostFixture.Admin)).Count, Is.Zero);
    }
}
