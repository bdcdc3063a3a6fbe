using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.SharedKernel.Tests.Ledger;
using Dox.Testing.Hosts;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.SharedKernel.Tests.Modules;

/// <summary>The real host with two modules of the tests' own: the desk asks the ledger, and both hear what the ledger tells.</summary>
internal sealed class TwoModules : IAsyncDisposable
{
    public const string Desk = "Desk";
    public const string Ledger = "Ledger";

    private TwoModules(DoxHostFixture host, Script script) => (Host, Script) = (host, script);

    public DoxHostFixture Host { get; }

    public Script Script { get; }

    public static async Task<TwoModules> StartAsync(
        DatabaseProvider database, TransportKind transport = TransportKind.InProcess, IEnumerable<(string Key, string Value)>? settings = null,
        TwoModules? sharesWith = null, string node = "first", FakeTimeProvider? clock = null, IReadOnlyList<string>? hosted = null)
    {
        var script = new Script { Node = node };
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Dox:Database:MigrateOnStartup"] = "false" };
        foreach (var (key, value) in settings ?? []) all[key] = value;
        var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Transport = transport,
            Modules = [new LedgerModule(), new DeskModule()],
            Hosted = hosted,
            Settings = all,
            SharesWith = sharesWith?.Host,
            Clock = clock,
            Services = services => services.AddSingleton(script),
        });
        return new(host, script);
    }

    /// <summary>Sends as the code of a module, the desk's if none is named.</summary>
    public async Task<TResult> SendAsync<TResult>(
        IRequest<TResult> request, Caller? caller = null, TimeSpan? within = null, string? key = null, string module = Desk, CancellationToken cancellationToken = default)
    {
        await using var scope = Scope(module, caller);
        var call = scope.ServiceProvider.GetRequiredService<CallContext>();
        if (within is { } left) call.Deadline = Clock.GetUtcNow() + left;
        call.IdempotencyKey = key;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }

    public TimeProvider Clock => Host.Services.GetRequiredService<TimeProvider>();

    /// <summary>A scope in which a module's code runs.</summary>
    public AsyncServiceScope Scope(string module, Caller? caller = null)
    {
        var scope = Host.Services.CreateAsyncScope();
        var call = scope.ServiceProvider.GetRequiredService<CallContext>();
        (call.Module, call.Caller) = (module, caller ?? DoxHostFixture.Admin);
        return scope;
    }

    /// <summary>Commits these events in one transaction of the ledger.</summary>
    public async Task RaiseAsync(params IEnumerable<string> texts)
    {
        await using var scope = Scope(Ledger);
        var db = scope.ServiceProvider.GetRequiredService<LedgerDbContext>();
        foreach (var text in texts) db.Raise(new EntryRecorded(text));
        await db.SaveChangesAsync();
    }

    public Task<int> EntriesAsync(string text) => Host.InDb<LedgerDbContext, int>(db => db.Entries.CountAsync(e => e.Text == text));

    /// <summary>How often the ledger committed the effect of its own event.</summary>
    public Task<int> LedgerHeardAsync(string text) => Host.InDb<LedgerDbContext, int>(db => db.Heard.CountAsync(e => e.Text == text));

    /// <summary>How often the desk did.</summary>
    public Task<int> DeskHeardAsync(string text) => Host.InDb<DeskDbContext, int>(db => db.Heard.CountAsync(e => e.Text == text));

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
