using Dox.Host;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.Testing.Servers;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace Dox.Testing.Hosts;

/// <summary>The real host, on a loopback port, with state of its own.</summary>
public sealed class DoxHostFixture : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DoxHostSetup _setup;
    private readonly HostState _state;
    private WebApplication? _app;

    private DoxHostFixture(DoxHostSetup setup, HostState state) => (_setup, _state) = (setup, state);

    /// <summary>Who asks where a test names nobody: may do everything.</summary>
    public static Caller Admin { get; } = new("test", "default", [Role.Admin], []);

    /// <summary>Over real HTTP.</summary>
    public HttpClient Client { get; private set; } = null!;

    public IServiceProvider Services => App.Services;

    /// <summary>Where everything of this host lies that isn't in a server.</summary>
    public string DataFolder => _state.Folder;

    public HostLogs Logs { get; } = new();

    public SpanCollection Spans { get; } = [];

    /// <summary>What every host of this test process is given besides, after all its own; set before the first one starts.</summary>
    public static Action<IServiceCollection>? InEachHost { get; set; }

    private WebApplication App => _app ?? throw new InvalidOperationException("The host is stopped.");

    public static Task<DoxHostFixture> StartAsync(DatabaseProvider database, TransportKind transport = TransportKind.InProcess, params IModule[] modules) =>
        StartAsync(new DoxHostSetup { Database = database, Transport = transport, Modules = modules.Length > 0 ? modules : null });

    public static async Task<DoxHostFixture> StartAsync(DoxHostSetup? setup = null)
    {
        setup ??= new DoxHostSetup();
        var state = setup.SharesWith?._state ?? await HostState.CreateAsync(setup.Database, setup.Transport, [.. setup.HostedModules]);
        var host = new DoxHostFixture(setup, state);
        try
        {
            await host.StartAgainAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it as SIGTERM does; what it keeps stays.</summary>
    public async Task StopAsync()
    {
        if (_app is null) return;
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>Starts it on what an earlier start left.</summary>
    public async Task StartAgainAsync()
    {
        _app = DoxApplication.Build(new DoxSetup
        {
            Settings = await SettingsAsync(),
            Environment = _setup.Environment,
            Modules = _setup.AllModules,
            Configure = Configure,
        });
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()), Timeout = Patience };
    }

    /// <summary>Sends a request as a module's own endpoint or another module would.</summary>
    public async Task<TResult> SendAsync<TResult>(IRequest<TResult> request, Caller? caller = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        await using var scope = Services.CreateAsyncScope();
        var call = scope.ServiceProvider.GetRequiredService<CallContext>();
        call.Caller = caller ?? Admin;
        // A contract goes through the transport; what is a module's own never leaves it.
        var modules = Services.GetRequiredService<ModuleSet>();
        call.Module = modules.All.FirstOrDefault(m => m.GetType().Assembly == request.GetType().Assembly)?.Name;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }

    /// <summary>Looks into a module's database.</summary>
    public async Task<TResult> InDb<TContext, TResult>(Func<TContext, Task<TResult>> look)
        where TContext : ModuleDbContext
    {
        ArgumentNullException.ThrowIfNull(look);
        await using var scope = Services.CreateAsyncScope();
        return await look(scope.ServiceProvider.GetRequiredService<TContext>());
    }

    /// <summary>Changes a module's database.</summary>
    public Task InDb<TContext>(Func<TContext, Task> change)
        where TContext : ModuleDbContext => InDb<TContext, bool>(async db =>
    {
        await change(db);
        return true;
    });

    /// <summary>Returns when there is nothing left to deliver and no run under way that doesn't wait for somebody.</summary>
    public async Task WhenQuiet()
    {
        var quiet = new Quiet(Services, _setup.Clock is null);
        using var limit = new CancellationTokenSource(Patience);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        var left = "";
        var inRow = 0;
        try
        {
            // Twice in a row: one module's outbox may fill while we look at the next one's.
            while (inRow < 2)
            {
                await look.WaitForNextTickAsync(limit.Token);
                left = await quiet.WhatIsLeftAsync(limit.Token);
                inRow = left is null ? inRow + 1 : 0;
            }
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Not quiet after {Patience.TotalSeconds:0} s: {left}.{Environment.NewLine}{Logs.Troubles}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_setup.SharesWith is null) await _state.DisposeAsync();
        Logs.Dispose();
    }

    private void Configure(IHostApplicationBuilder builder)
    {
        builder.Logging.ClearProviders().AddProvider(Logs).SetMinimumLevel(LogLevel.Debug);
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddInMemoryExporter(Spans));
        if (_setup.Clock is { } clock) builder.Services.AddSingleton<TimeProvider>(clock);
        _setup.Services?.Invoke(builder.Services);
        InEachHost?.Invoke(builder.Services);
    }

    private async Task<Dictionary<string, string?>> SettingsAsync()
    {
        var settings = new Dictionary<string, string?>(_state.Settings, StringComparer.OrdinalIgnoreCase)
        {
            ["SERVICE_ENV"] = "development",
            ["CLAMAV_ENABLED"] = "false",
            ["Dox:Http:Address"] = "127.0.0.1",
            ["Dox:Http:Port"] = "0",
            ["Dox:Transport:RoundTripJson"] = "true",
            // A message now and then would be in the way of tests that look at messages
            ["Dox:Events:BankInterval"] = "00:00:00",
        };
        for (var i = 0; i < (_setup.Hosted?.Count ?? 0); i++) settings[$"Dox:Modules:{i}"] = _setup.Hosted![i];
        if (_setup.Clamd)
        {
            var clamd = await ClamdServer.SharedAsync();
            settings["CLAMAV_ENABLED"] = "true";
            settings["CLAMAV_HOST"] = clamd.UnixSocket ?? clamd.Host;
            if (clamd.UnixSocket is null) settings["CLAMAV_PORT"] = clamd.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        foreach (var (key, value) in _setup.Settings) settings[key] = value;
        return settings;
    }
}
