using Dox.SharedKernel.Infrastructure.Data;

namespace Dox.Orchestration.Tests.Rules;

internal sealed class ReplicaRuleTests
{
    [Test]
    public async Task Replica_that_starts_while_a_file_is_broken_has_the_rule_that_the_others_kept()
    {
        await using var first = await RuleHost.StartAsync(DatabaseProvider.PostgreSql, rules: [("small.yaml", RuleHost.Text())]);
        first.Write("small.yaml", "name: [");
        await using var second = await RuleHost.StartAsync(DatabaseProvider.PostgreSql, sharesWith: first);
        Assert.That(second.Book.Find("small")!.Hash, Is.EqualTo(first.Book.Find("small")!.Hash));
    }

    [Test, CancelAfter(60_000)]
    public async Task Rule_that_is_published_on_one_replica_is_in_force_on_the_others_too(CancellationToken cancellationToken)
    {
        await using var first = await RuleHost.StartAsync(DatabaseProvider.PostgreSql, rules: [("small.yaml", RuleHost.Text())]);
        await using var second = await RuleHost.StartAsync(DatabaseProvider.PostgreSql, reloads: true, sharesWith: first);
        var (status, _) = await first.SendAsync(HttpMethod.Put, "rules/small", RuleHost.Text("1.1.0", "2"));
        Assert.That(status, Is.EqualTo(200));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (second.Book.Find("small")!.Version != "1.1.0") await look.WaitForNextTickAsync(cancellationToken);
        Assert.That(second.Book.Find("small")!.Hash, Is.EqualTo(first.Book.Find("small")!.Hash));
    }
}
