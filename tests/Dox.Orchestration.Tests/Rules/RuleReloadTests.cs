using Dox.Orchestration.Data;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Tests.Rules;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
internal sealed class RuleReloadTests(DatabaseProvider database)
{
    private const string Broken = "name: small\nversion: \"1.1.0\"\ntrigger: { type: manual }\nsteps:\n  - { name: Add, action: custom_logik }\n";

    [Test]
    public async Task Changed_file_is_in_force_and_a_run_that_began_finds_its_own_text()
    {
        await using var host = await RuleHost.StartAsync(database, rules: [("small.yaml", RuleHost.Text())]);
        var old = host.Book.Find("small")!;

        host.Write("small.yaml", RuleHost.Text("1.1.0", "2"));
        Assert.That(await host.Book.ReloadAsync(CancellationToken.None), Is.True);

        Assert.Multiple(() =>
        {
            Assert.That(host.Book.Find("small")!.Version, Is.EqualTo("1.1.0"));
            Assert.That(async () => (await host.Book.PinnedAsync(old.Hash, CancellationToken.None)).Version, Is.EqualTo("1.0.0"));
            Assert.That(host.Host.Logs.Troubles, Is.Empty);
        });
        Assert.That(await host.Book.ReloadAsync(CancellationToken.None), Is.False, "nothing changed since");
    }

    [Test]
    public async Task Bad_file_leaves_its_last_good_rule_and_all_others_in_force_and_is_seen()
    {
        await using var host = await RuleHost.StartAsync(database, rules: [("small.yaml", RuleHost.Text()), ("other.yaml", RuleHost.Text(name: "other"))]);

        host.Write("small.yaml", Broken);
        host.Write("other.yaml", RuleHost.Text("2.0.0", name: "other"));
        await host.Book.ReloadAsync(CancellationToken.None);

        var listed = await host.GetAsync("rules");
        var broken = listed.GetProperty("broken").EnumerateArray().Single();
        var health = await host.GetHealthAsync();
        Assert.Multiple(() =>
        {
            Assert.That((host.Book.Find("small")!.Version, host.Book.Find("other")!.Version), Is.EqualTo(("1.0.0", "2.0.0")));
            Assert.That((broken.GetProperty("file").GetString(), broken.GetProperty("kept").GetString()), Is.EqualTo(("small.yaml", "small 1.0.0")));
            Assert.That(broken.GetProperty("errors")[0].GetString(), Does.StartWith("(5,26): error unknown-action").Or.StartWith("(5,28): error unknown-action"));
            Assert.That(health.GetProperty("components").GetProperty("rules").ToString(), Does.Contain("degraded"));
            Assert.That(host.Host.Logs.Troubles, Does.Contain("unknown-action"));
        });

        host.Write("small.yaml", RuleHost.Text("1.1.0"));
        await host.Book.ReloadAsync(CancellationToken.None);
        Assert.That(host.Book.Find("small")!.Version, Is.EqualTo("1.1.0"));
        Assert.That((await host.GetAsync("rules")).GetProperty("broken").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task File_that_is_gone_takes_its_rule_along()
    {
        await using var host = await RuleHost.StartAsync(database, rules: [("small.yaml", RuleHost.Text())]);
        host.Delete("small.yaml");
        await host.Book.ReloadAsync(CancellationToken.None);
        Assert.That(host.Book.Find("small"), Is.Null);
    }

    [Test]
    public async Task Lower_version_beside_a_higher_one_does_not_take_its_place()
    {
        await using var host = await RuleHost.StartAsync(database, rules: [("small.yaml", RuleHost.Text("2.0.0"))]);
        host.Write("older.yaml", RuleHost.Text("1.9.0"));
        await host.Book.ReloadAsync(CancellationToken.None);
        Assert.That(host.Book.Find("small")!.Version, Is.EqualTo("2.0.0"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Running_process_picks_changes_up_by_itself(CancellationToken cancellationToken)
    {
        await using var host = await RuleHost.StartAsync(database, reloads: true, rules: [("small.yaml", RuleHost.Text())]);
        host.Write("small.yaml", RuleHost.Text("1.1.0"));
        host.Write("new.yaml", RuleHost.Text(name: "fresh"));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (host.Book.Find("small")!.Version != "1.1.0" || host.Book.Find("fresh") is null) await look.WaitForNextTickAsync(cancellationToken);
    }

    [Test]
    public async Task Published_rule_is_in_force_at_once_and_audited()
    {
        await using var host = await RuleHost.StartAsync(database, rules: [("small.yaml", RuleHost.Text())]);

        var (status, body) = await host.SendAsync(HttpMethod.Put, "rules/small?reason=better", RuleHost.Text("1.1.0", "2"));

        var versions = (await host.GetAsync("rules/small/versions")).GetProperty("versions").EnumerateArray().Select(v => (v.GetProperty("version").GetString(), v.GetProperty("current").GetBoolean()));
        var audited = await host.Host.InDb<OrchestrationDbContext, string>(async db => (await db.Audit.SingleAsync(entry => entry.Action == "rule.publish")) is var entry ? $"{entry.Subject} {entry.FromState} {entry.ToState} {entry.Reason}" : "");
        Assert.Multiple(() =>
        {
            Assert.That((status, body.GetProperty("replaces").GetString(), body.GetProperty("duplicate").GetBoolean()), Is.EqualTo((200, "1.0.0", false)));
            Assert.That(host.Book.Find("small")!.Version, Is.EqualTo("1.1.0"));
            Assert.That(versions, Is.EqualTo(new[] { ("1.1.0", true), ("1.0.0", false) }));
            Assert.That(audited, Is.EqualTo("small 1.0.0 1.1.0 better"));
        });

        var again = await host.SendAsync(HttpMethod.Put, "rules/small", RuleHost.Text("1.1.0", "2"));
        var lower = await host.SendAsync(HttpMethod.Put, "rules/small", RuleHost.Text("1.0.5", "3"));
        var other = await host.SendAsync(HttpMethod.Put, "rules/small", RuleHost.Text("1.1.0", "3"));
        Assert.Multiple(() =>
        {
            Assert.That((again.Status, again.Body.GetProperty("duplicate").GetBoolean()), Is.EqualTo((200, true)));
            Assert.That((lower.Status, lower.Body.GetProperty("error").GetString()), Is.EqualTo((409, "version_not_higher")));
            Assert.That(other.Status, Is.EqualTo(409));
            Assert.That(host.Book.Find("small")!.Version, Is.EqualTo("1.1.0"));
        });
    }

    [Test]
    public async Task Rule_with_errors_is_not_published_and_all_of_them_are_told()
    {
        await using var host = await RuleHost.StartAsync(database);
        var (status, body) = await host.SendAsync(HttpMethod.Put, "rules/small", Broken);
        var named = await host.SendAsync(HttpMethod.Put, "rules/other", RuleHost.Text());
        Assert.Multiple(() =>
        {
            Assert.That((status, body.GetProperty("error").GetString()), Is.EqualTo((422, "rule_invalid")));
            Assert.That(body.ToString(), Does.Contain("unknown-action").And.Contain("did you mean"));
            Assert.That((named.Status, named.Body.GetProperty("error").GetString()), Is.EqualTo((422, "rule_name_differs")));
            Assert.That(host.Book.Find("small"), Is.Null);
        });
    }
}
