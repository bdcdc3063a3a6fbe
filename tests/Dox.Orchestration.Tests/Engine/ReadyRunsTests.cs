using CsCheck;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.Workflows;
using Dox.Workflows.Rules;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>Which run is worked on next.</summary>
public sealed class ReadyRunsTests
{
    private static readonly RuleParser Parser = new(new Vocabulary());

    [Test]
    public async Task Ten_thousand_runs_of_one_account_don_t_hold_up_the_one_of_another()
    {
        using var ready = new ReadyRuns(TimeProvider.System);
        var rule = RuleOf("usual");
        for (var i = 0; i < 10_000; i++) ready.Add(Run(rule, "big"));
        ready.Add(Run(rule, "small"));

        var first = new[] { (await ready.TakeAsync())!.Account, (await ready.TakeAsync())!.Account };

        Assert.That(first, Is.EqualTo(["big", "small"]));
    }

    [Test]
    public async Task High_priority_comes_first_whatever_came_before()
    {
        using var ready = new ReadyRuns(TimeProvider.System);
        var (low, medium, high) = (RuleOf("low", "priority: low"), RuleOf("medium"), RuleOf("high", "priority: high"));
        foreach (var rule in new[] { low, medium, high, medium, high }) ready.Add(Run(rule, "acc"));

        var order = new List<string>();
        for (var i = 0; i < 5; i++) order.Add((await ready.TakeAsync())!.Rule.Name);

        Assert.That(order, Is.EqualTo(["high", "high", "medium", "medium", "low"]));
    }

    [Test]
    public async Task A_rule_that_limits_its_steps_has_no_more_runs_out_and_lets_others_pass()
    {
        using var ready = new ReadyRuns(TimeProvider.System);
        var (limited, usual) = (RuleOf("limited", "limits: { steps: 1 }"), RuleOf("usual"));
        var (one, two, other) = (Run(limited, "acc"), Run(limited, "acc"), Run(usual, "acc"));
        ready.Add(one);
        ready.Add(two);
        ready.Add(other);

        Assert.That(await ready.TakeAsync(), Is.SameAs(one));
        Assert.That(await ready.TakeAsync(), Is.SameAs(other), "the second one waits for the first, and nobody waits for it");
        var next = ready.TakeAsync();
        Assert.That(next.IsCompleted, Is.False);
        ready.Done(one);
        Assert.That(await next, Is.SameAs(two));
    }

    [Test]
    public async Task Completed_it_hands_out_what_is_left_and_then_nothing_to_everybody()
    {
        using var ready = new ReadyRuns(TimeProvider.System);
        var limited = RuleOf("limited", "limits: { steps: 1 }");
        for (var i = 0; i < 3; i++) ready.Add(Run(limited, "acc"));
        await ready.TakeAsync();
        var waiting = Enumerable.Range(0, 4).Select(_ => ready.TakeAsync().AsTask()).ToList();

        ready.Complete();

        var left = await Task.WhenAll(waiting);
        Assert.That(left.Count(r => r is not null), Is.EqualTo(2));
        Assert.That(await ready.TakeAsync(), Is.Null);
    }

    [Test]
    public async Task Lag_is_how_long_the_oldest_waits_and_who_is_parked_for_its_rule_s_sake_doesn_t_count()
    {
        var clock = new FakeTimeProvider();
        using var ready = new ReadyRuns(clock);
        var limited = RuleOf("limited", "limits: { steps: 1 }");
        ready.Add(Run(limited, "acc"));
        clock.Advance(TimeSpan.FromSeconds(3));
        ready.Add(Run(limited, "acc"));
        Assert.That(ready.Lag, Is.EqualTo(TimeSpan.FromSeconds(3)));
        await ready.TakeAsync();
        Assert.That(ready.Lag, Is.EqualTo(TimeSpan.Zero));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(ready.Lag, Is.EqualTo(TimeSpan.FromSeconds(5)));
        var next = ready.TakeAsync().AsTask();
        Assert.That(ready.Lag, Is.EqualTo(TimeSpan.Zero));
        ready.Complete();
        await next;
    }

    [Test]
    public void Whatever_the_order_of_events_each_run_is_handed_out_once_within_its_rule_s_limit()
    {
        Rule[] rules = [RuleOf("usual"), RuleOf("limited", "limits: { steps: 2 }"), RuleOf("urgent", "priority: high\nlimits: { steps: 1 }")];
        var last = RuleOf("last", "priority: low");
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3], Gen.Bool).Array[1, 60].Sample(acts =>
        {
            using var ready = new ReadyRuns(TimeProvider.System);
            var (added, taken, open) = (0, new HashSet<HeldRun>(ReferenceEqualityComparer.Instance), new List<HeldRun>());
            foreach (var (rule, account, add) in acts)
            {
                if (add)
                {
                    ready.Add(Run(rules[rule], $"account {account}"));
                    added++;
                }
                else if (open.Count > 0 && account % 2 == 0)
                {
                    ready.Done(open[0]);
                    open.RemoveAt(0);
                }

                Drain();
            }

            while (open.Count > 0)
            {
                ready.Done(open[0]);
                open.RemoveAt(0);
                Drain();
            }

            return taken.Count == added;

            void Drain()
            {
                ready.Add(Run(last, "nobody"));
                // The last one is there always: taking never waits
                while (ready.TakeAsync().AsTask().GetAwaiter().GetResult() is { Rule.Name: not "last" } run)
                {
                    Assert.That(taken.Add(run), "handed out twice");
                    open.Add(run);
                    Assert.That(open.Count(o => o.Rule == run.Rule), Is.LessThanOrEqualTo(run.Rule.Limits.Steps ?? int.MaxValue));
                }
            }
        }, iter: 2000);
    }

    private static Rule RuleOf(string name, string more = "") => Parser.Parse(
        $$"""
        name: {{name}}
        service: Tests
        version: "1.0.0"
        trigger: { type: manual, source: a test }
        {{more}}
        steps:
          - { name: A, action: data_transform, params: { mappings: { a: 1 } } }
        """, name).Rule!;

    private static HeldRun Run(Rule rule, string account) => HeldRun.New(
        rule, Id<Workflow>.New(TimeProvider.System), new Caller("anna", account, [Role.Submitter], []), document: null, [], traceParent: null, DateTimeOffset.UnixEpoch, "Document");
}
