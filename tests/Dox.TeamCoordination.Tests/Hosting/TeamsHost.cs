using System.Collections.Immutable;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Hosting;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.MemoryBanks;
using Dox.Testing.Servers;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Dox.TeamCoordination.Tests.Hosting;

/// <summary>The module on a database of its own, beside a module that hears its events.</summary>
internal sealed class TeamsHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private TeamsHost(WebApplication app, string folder, FakeTimeProvider clock) => (_app, _folder, Clock) = (app, folder, clock);

    public static Caller Ann { get; } = Reviewer("ann");

    public static Caller Ben { get; } = Reviewer("ben");

    public static Caller Operator { get; } = new("olga", "default", [Role.Operator], []);

    public FakeTimeProvider Clock { get; }

    public IServiceProvider Services => _app.Services;

    public string BankPath => Directory.CreateDirectory(Path.Combine(_folder, "banks")).FullName;

    /// <summary>What the listening module committed.</summary>
    public HeardEvents Heard => Services.GetRequiredService<HeardEvents>();

    public static Caller Reviewer(string user, params string[] teams) => new(user, "default", [Role.Reviewer], [.. teams]);

    /// <param name="provider">Which database.</param>
    /// <param name="writesBanks">Whether banks are written in the background; else by the test alone.</param>
    /// <param name="settings">More configuration.</param>
    public static async Task<TeamsHost> StartAsync(DatabaseProvider provider, bool writesBanks = false, params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("dox-teams-").FullName;
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
            settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)).Prepend(KeyValuePair.Create("Dox:MemoryBanks:Path", (string?)Path.Combine(folder, "banks")))
                .Append(KeyValuePair.Create("Dox:Transport:RoundTripJson", (string?)"true"))
                .Append(provider == DatabaseProvider.Sqlite
                    ? KeyValuePair.Create("Dox:Database:Path", (string?)folder)
                    : KeyValuePair.Create("Dox:Database:ConnectionString", (string?)await (await PostgresServer.SharedAsync()).CreateDatabaseAsync())));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton<HeardEvents>();
        builder.Services.ConfigureHttpJsonOptions(o => DoxJson.Apply(o.SerializerOptions));
        builder.AddDox([new TeamCoordinationModule(), new ListeningModule()]);
        if (!writesBanks) builder.Services.Remove(builder.Services.Single(s => s.ImplementationType == typeof(MemoryBankService)));

        var app = builder.Build();
        app.Use(TellFaultsAsync);
        app.MapGroup("/api/v1").MapModules();
        await ListeningModule.CreateTablesAsync(app.Services);
        await app.StartAsync();
        return new(app, folder, clock);
    }

    public async Task<TResult> SendAsync<TResult>(IRequest<TResult> request, Caller? caller = null)
    {
        await using var scope = Services.CreateAsyncScope();
        var call = scope.ServiceProvider.GetRequiredService<CallContext>();
        (call.Module, call.Caller) = ("TeamCoordination", caller ?? Caller.System);
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request);
    }

    public async Task<TResult> QueryAsync<TResult>(Func<TeamCoordinationDbContext, Task<TResult>> query)
    {
        await using var scope = Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<TeamCoordinationDbContext>());
    }

    public async Task ChangeAsync(Func<TeamCoordinationDbContext, Task> change) => await QueryAsync(async db =>
    {
        await change(db);
        return true;
    });

    /// <summary>Until nothing waits to leave the module.</summary>
    public async Task WhenDeliveredAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (await QueryAsync(db => db.Outbox.AnyAsync(limit.Token))) await timer.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>A client that calls as the given person.</summary>
    public HttpClient ClientOf(Caller caller)
    {
        var address = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var client = new HttpClient { BaseAddress = new Uri(address + "/api/v1/") };
        client.DefaultRequestHeaders.Add("X-Caller", $"{caller.User};{string.Join(',', caller.Roles)};{string.Join(',', caller.Teams)}");
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task TellFaultsAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Headers["X-Caller"].ToString().Split(';') is [var user, var roles, var teams])
        {
            http.RequestServices.GetRequiredService<CallContext>().Caller = new(
                user, "default", [.. roles.Split(',').Select(Enum.Parse<Role>)], teams.Length == 0 ? [] : teams.Split(',').ToImmutableArray());
        }

        try
        {
            await next(http);
        }
        catch (DoxException e)
        {
            http.Response.StatusCode = e.Status;
            await http.Response.WriteAsJsonAsync(new { e.Code, e.Message }, DoxJson.Options);
        }
    }
}
