using System.Collections.Immutable;
using System.Diagnostics;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.SharedKernel.Tests.Ledger;
using Dox.SharedKernel.Tests.Modules;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.SharedKernel.Tests.Transport;

/// <summary>What a module may count on when it asks another one, however the message travels.</summary>
[TestFixture(TransportKind.InProcess)]
[TestFixture(TransportKind.Redis)]
public sealed class RequestTests(TransportKind transport)
{
    private static readonly ActivitySource s_source = new("Dox.Tests");

    private TwoModules _modules = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _modules = await TwoModules.StartAsync(DatabaseProvider.Sqlite, transport);

    [OneTimeTearDown]
    public Task StopAsync() => _modules.DisposeAsync().AsTask();

    [Test]
    public async Task The_answer_comes_back_to_whoever_asked()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => _modules.SendAsync(new Ask($"question {i}"))));

        Assert.That(answers.Select(a => a.Text), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"question {i}")));
    }

    [Test]
    public async Task A_fault_arrives_as_it_was_thrown()
    {
        _modules.Script.Fail(Script.Asked, "limited", () => new DoxException(
            429, "rate_limited", "Too many today.", [new Finding("rate_limit", "user_limit", "101 of 100.", "101", "100", "user")])
        {
            RetryAfter = TimeSpan.FromSeconds(12.5),
            Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["window"] = "24h" },
        });

        var fault = (await Assert.ThrowsAsync<DoxException>(() => _modules.SendAsync(new Ask("limited"))))!;

        Assert.Multiple(() =>
        {
            Assert.That((fault.Status, fault.Code, fault.Message), Is.EqualTo((429, "rate_limited", "Too many today.")));
            Assert.That(fault.Findings, Is.EqualTo(new[] { new Finding("rate_limit", "user_limit", "101 of 100.", "101", "100", "user") }));
            Assert.That(fault.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(12.5)));
            Assert.That(fault.Details, Is.EquivalentTo(new Dictionary<string, string>(StringComparer.Ordinal) { ["window"] = "24h" }));
        });
    }

    [Test]
    public async Task What_a_validator_finds_arrives_with_its_findings()
    {
        var fault = (await Assert.ThrowsAsync<DoxException>(() => _modules.SendAsync(new Ask(""))))!;

        Assert.That((fault.Status, fault.Code), Is.EqualTo((400, "invalid_request")));
        Assert.That(fault.Findings, Has.Exactly(1).Matches<Finding>(f => f is { Step: "text", Code: "text_missing", Message: "Say something." }));
    }

    [Test]
    public async Task A_bug_arrives_as_500_with_the_trace_alone()
    {
        _modules.Script.Fail(Script.Asked, "bug", () => new InvalidOperationException("A secret of the inside."));
        using var trace = s_source.StartActivity("asks");

        var fault = (await Assert.ThrowsAsync<DoxException>(() => _modules.SendAsync(new Ask("bug"))))!;

        Assert.Multiple(() =>
        {
            Assert.That((fault.Status, fault.Code), Is.EqualTo((500, "internal_error")));
            Assert.That(fault.Message, Does.Contain(trace!.TraceId.ToString()));
            Assert.That(fault.Message, Does.Not.Contain("secret").And.Not.Contain("   at "));
            Assert.That(fault.InnerException, Is.Null);
        });
    }

    [Test]
    public async Task A_cancellation_of_the_handler_s_own_is_its_failure_not_the_asker_s()
    {
        _modules.Script.Fail(Script.Asked, "gave up", () => new TaskCanceledException("Some client's time-out."));

        var fault = (await Assert.ThrowsAsync<DoxException>(() => _modules.SendAsync(new Ask("gave up"), within: TimeSpan.FromSeconds(20))))!;

        Assert.That((fault.Status, fault.Code), Is.EqualTo((500, "internal_error")));
    }

    [Test]
    public async Task The_handler_runs_in_a_scope_of_its_own()
    {
        await using var scope = _modules.Scope(TwoModules.Desk);
        var mine = scope.ServiceProvider.GetRequiredService<LedgerDbContext>();

        var answer = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new Ask("whose context?"));

        Assert.That(answer.Context, Is.Not.EqualTo(mine.ContextId.InstanceId));
    }

    [Test]
    public async Task A_module_s_own_request_stays_in_its_scope()
    {
        await using var scope = _modules.Scope(TwoModules.Ledger);
        var mine = scope.ServiceProvider.GetRequiredService<LedgerDbContext>();

        var answer = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new Ask("my own context"));

        Assert.That(answer.Context, Is.EqualTo(mine.ContextId.InstanceId));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Past_the_deadline_the_asker_gets_504_and_the_late_answer_is_dropped(bool heeded)
    {
        var text = $"slow {heeded}";
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _modules.Script.On(Script.Asked, text, cancellationToken => heeded ? gate.Task.WaitAsync(cancellationToken) : gate.Task);

        var fault = (await Assert.ThrowsAsync<DoxException>(() => _modules.SendAsync(new Ask(text), within: TimeSpan.FromMilliseconds(400))))!;
        Assert.That((fault.Status, fault.Code), Is.EqualTo((504, "no_answer_in_time")));

        gate.SetResult();
        Assert.That((await _modules.SendAsync(new Ask("the next"))).Text, Is.EqualTo("the next"));
    }

    [Test]
    public async Task What_is_asked_past_its_deadline_isn_t_done()
    {
        var fault = (await Assert.ThrowsAsync<DoxException>(() => _modules.SendAsync(new Record("too late"), within: TimeSpan.FromSeconds(-1))))!;

        Assert.That(fault.Status, Is.EqualTo(504));
        Assert.That(() => _modules.EntriesAsync("too late"), Is.Zero);
    }

    [Test]
    public async Task An_asker_who_goes_away_isn_t_kept()
    {
        var gate = _modules.Script.Hold(Script.Asked, "never mind");
        using var goes = new CancellationTokenSource();
        var asking = _modules.SendAsync(new Ask("never mind"), cancellationToken: goes.Token);
        await Eventually.IsTrueAsync(() => _modules.Script.Calls(Script.Asked, "never mind") == 1, "it was asked");

        await goes.CancelAsync();

        Assert.That(async () => await asking, Throws.InstanceOf<OperationCanceledException>());
        gate.SetResult();
    }

    [Test]
    public async Task The_trace_is_the_same_on_both_sides()
    {
        using var trace = s_source.StartActivity("asks");

        var answer = await _modules.SendAsync(new Ask("which trace?"));

        Assert.That(answer.TraceId, Is.EqualTo(trace!.TraceId.ToString()));
        await Eventually.IsTrueAsync(
            () => _modules.Host.Spans.Of(trace.TraceId).Any(s => s.OperationName == "ledger.ask.v1 handle" && s.Source.Name == "Dox.Ledger"), "the handler's span ended");
    }

    [Test]
    public async Task The_caller_travels_and_is_checked_where_the_request_is_handled()
    {
        var reviewer = new Caller("rita", "acme", [Role.Reviewer], ["north"]);

        var answer = await _modules.SendAsync(new Ask("who am I?"), reviewer);

        Assert.That((answer.User, answer.Account), Is.EqualTo(("rita", "acme")));
        Assert.That(answer.Roles, Is.EqualTo(ImmutableArray.Create(Role.Reviewer)));
        Assert.That((await Assert.ThrowsAsync<DoxException>(() => _modules.SendAsync(new AskAuthor("a rule"), reviewer)))!.Code, Is.EqualTo("forbidden"));
        Assert.That(await _modules.SendAsync(new AskAuthor("a rule"), reviewer with { Roles = [Role.Author] }), Is.EqualTo("a rule"));
    }

    [Test]
    public async Task Nothing_is_asked_of_another_module_inside_an_open_transaction()
    {
        await using var scope = _modules.Scope(TwoModules.Desk);
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        await using (await scope.ServiceProvider.GetRequiredService<DeskDbContext>().BeginWriteAsync(default))
            Assert.That(() => mediator.Send(new Ask("now?")), Throws.InvalidOperationException.With.Message.Contains("open transaction"));

        Assert.That((await mediator.Send(new Ask("and now?"))).Text, Is.EqualTo("and now?"));
    }

    [Test]
    public async Task Events_can_t_be_published_past_the_outbox()
    {
        await using var scope = _modules.Scope(TwoModules.Ledger);
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();

#pragma warning disable RS0030 // that it refuses is what is tested
        Assert.That(() => mediator.Publish(new EntryRecorded("past the outbox")), Throws.InvalidOperationException.With.Message.Contains("db.Raise"));
#pragma warning restore RS0030
    }
}
