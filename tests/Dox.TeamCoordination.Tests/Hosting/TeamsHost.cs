using System.Net.Http.Headers;
using System.Text;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.MemoryBanks;
using Dox.Testing.Hosts;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Dox.TeamCoordination.Tests.Hosting;

/// <summary>The module in the real host, beside a module that hears its events: with SQLite in-process, with PostgreSQL over Redis.</summary>
internal sealed class TeamsHost : IAsyncDisposable
{
    private const string Secret = "a secret that the tests and their hosts share";
    private readonly DoxHostFixture _host;

    private TeamsHost(DoxHostFixture host, FakeTimeProvider clock) => (_host, Clock) = (host, clock);

    public static Caller Ann { get; } = Reviewer("ann");

    public static Caller Ben { get; } = Reviewer("ben");

    public static Caller Operator { get; } = new("olga", "default", [Role.Operator], []);

    public FakeTimeProvider Clock { get; }

    public IServiceProvider Services => _host.Services;

    public string BankPath => Directory.CreateDirectory(Path.Combine(_host.DataFolder, "memory-banks")).FullName;

    /// <summary>What the listening module committed.</summary>
    public HeardEvents Heard => Services.GetRequiredService<HeardEvents>();

    public static Caller Reviewer(string user, params string[] teams) => new(user, "default", [Role.Reviewer], [.. teams]);

    /// <param name="provider">Which database.</param>
    /// <param name="writesBanks">Whether banks are written in the background; else by the test alone.</param>
    /// <param name="settings">More configuration.</param>
    public static async Task<TeamsHost> StartAsync(DatabaseProvider provider, bool writesBanks = false, params (string Key, string Value)[] settings)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = provider,
            Modules = [new TeamCoordinationModule(), new ListeningModule()],
            Transport = provider == DatabaseProvider.Sqlite ? TransportKind.InProcess : TransportKind.Redis,
            Clock = clock,
            Settings = settings.Append(("Dox:Auth:Jwt:Secret", Secret)).ToDictionary(s => s.Item1, s => (string?)s.Item2, StringComparer.OrdinalIgnoreCase),
            Services = services =>
            {
                if (!writesBanks) services.Remove(services.Single(s => s.ImplementationType == typeof(MemoryBankService)));
            },
        });
        return new(host, clock);
    }

    public Task<TResult> SendAsync<TResult>(IRequest<TResult> request, Caller? caller = null) => _host.SendAsync(request, caller ?? Caller.System);

    public Task<TResult> QueryAsync<TResult>(Func<TeamCoordinationDbContext, Task<TResult>> query) => _host.InDb(query);

    public Task ChangeAsync(Func<TeamCoordinationDbContext, Task> change) => _host.InDb(change);

    public Task WhenQuietAsync() => _host.WhenQuiet();

    /// <summary>Stops as SIGTERM does, and starts again on what is there.</summary>
    public async Task RestartAsync()
    {
        await _host.StopAsync();
        await _host.StartAgainAsync();
    }

    /// <summary>A client that calls as the given person.</summary>
    public HttpClient ClientOf(Caller caller)
    {
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["sub"] = caller.User,
                ["account_id"] = caller.Account,
                ["roles"] = caller.Roles.Select(r => r.ToString().ToLowerInvariant()).ToArray(),
                ["teams"] = caller.Teams.ToArray(),
                ["exp"] = 4_000_000_000L,
            },
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Secret)), SecurityAlgorithms.HmacSha256),
        });
        var client = new HttpClient { BaseAddress = new Uri(_host.Client.BaseAddress!, "/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
