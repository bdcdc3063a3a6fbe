using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.SharedKernel.Tests.Ledger;
using Dox.SharedKernel.Tests.Modules;

namespace Dox.SharedKernel.Tests.Transport;

/// <summary>A command with an idempotency key is done once, however often and however closely together it is sent.</summary>
[TestFixture(TransportKind.InProcess, DatabaseProvider.Sqlite)]
[TestFixture(TransportKind.InProcess, DatabaseProvider.PostgreSql)]
[TestFixture(TransportKind.Redis, DatabaseProvider.PostgreSql)]
public sealed class KeyedCommandTests(TransportKind transport, DatabaseProvider database)
{
    private TwoModules _modules = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _modules = await TwoModules.StartAsync(database, transport);

    [OneTimeTearDown]
    public Task StopAsync() => _modules.DisposeAsync().AsTask();

    [Test]
    public async Task A_repeat_is_answered_the_same_and_has_no_effect()
    {
        var first = await _modules.SendAsync(new Record("once"), key: "key-once");
        var second = await _modules.SendAsync(new Record("once"), key: "key-once");

        Assert.That(second, Is.EqualTo(first));
        Assert.That(_modules.Script.Calls(Script.Recording, "once"), Is.EqualTo(1));
        Assert.That(await _modules.EntriesAsync("once"), Is.EqualTo(1));
        await Eventually.IsTrueAsync(async () => await _modules.DeskHeardAsync("once") == 1, "its event is heard");
    }

    [Test]
    public async Task Repeats_at_the_same_time_get_one_answer_and_have_one_effect()
    {
        var gate = _modules.Script.Hold(Script.Recording, "at once");
        var answers = Enumerable.Range(0, 4).Select(_ => _modules.SendAsync(new Record("at once"), key: "key-at-once")).ToList();
        await Eventually.IsTrueAsync(() => _modules.Script.Calls(Script.Recording, "at once") == 4, "all of them are under way");
        gate.SetResult();

        var given = await Task.WhenAll(answers);

        Assert.That(given.Distinct().Count(), Is.EqualTo(1));
        Assert.That(await _modules.EntriesAsync("at once"), Is.EqualTo(1));
        Assert.That(_modules.Host.Logs.Troubles, Does.Not.Contain("failed at ledger.record"));
    }

    [Test]
    public async Task A_repeat_after_a_failure_runs_again()
    {
        _modules.Script.Fail(Script.Recording, "second try", () => DoxException.Conflict("not_now", "Not now."), times: 1);

        Assert.That((await Assert.ThrowsAsync<DoxException>(() => _modules.SendAsync(new Record("second try"), key: "key-again")))!.Code, Is.EqualTo("not_now"));
        await _modules.SendAsync(new Record("second try"), key: "key-again");

        Assert.That(await _modules.EntriesAsync("second try"), Is.EqualTo(1));
    }

    [Test]
    public async Task Without_a_key_each_one_counts()
    {
        await _modules.SendAsync(new Record("twice"));
        await _modules.SendAsync(new Record("twice"));

        Assert.That(await _modules.EntriesAsync("twice"), Is.EqualTo(2));
    }

    [Test]
    public async Task A_key_of_another_command_isn_t_answered_with_that_one_s_reply()
    {
        await _modules.SendAsync(new Record("mine"), key: "key-shared");

        var fault = (await Assert.ThrowsAsync<DoxException>(() => _modules.SendAsync(new Strike("mine"), key: "key-shared")))!;

        Assert.That((fault.Status, fault.Code), Is.EqualTo((409, "idempotency_key_reused")));
    }
}
