using System.Reflection;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.TeamCoordination.Blockers;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Coordination;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Reviews;
using Dox.TeamCoordination.Teams;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Dox.TeamCoordination;

/// <summary>Teams, what waits for them, and the memory banks that they share with people and other programs.</summary>
public sealed class TeamCoordinationModule : IModule
{
    /// <inheritdoc/>
    public string Name => "TeamCoordination";

    /// <inheritdoc/>
    public Assembly Contracts => typeof(OpenReview).Assembly;

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<TeamOptions>().BindConfiguration("Dox").PostConfigure(TeamOptions.FillIn).ValidateOnStart();
        services.AddOptions<ReviewOptions>().BindConfiguration("Dox:Reviews").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<MemoryBankOptions>().BindConfiguration("Dox:MemoryBanks").ValidateOnStart();
        services.AddSingleton<IValidateOptions<TeamOptions>, TeamOptions>();
        services.AddSingleton<IValidateOptions<MemoryBankOptions>, MemoryBankOptions>();
        builder.AddModuleDatabase<TeamCoordinationDbContext, SqliteTeamCoordinationDbContext>(Name, TeamCoordinationDbContext.SchemaName);
        services.AddSingleton<TeamDirectory>();
        services.AddSingleton<BankSignal>();
        services.AddScoped<BankNotes>();
        services.AddSingleton<BankFolder>();
        services.AddSingleton<BankWriter>();
        services.AddHostedService<MemoryBankService>();
        services.AddSingleton<ServiceBanks>();
        services.AddScoped<ForeignBlockers>();
        services.AddScoped<CoordinationReports>();
        services.AddSingleton<CoordinationMetrics>();
        services.AddSingleton<IMetricReading>(provider => provider.GetRequiredService<CoordinationMetrics>());
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        ListTeams.Map(api);
        GetTeam.Map(api);
        GetTeamQueue.Map(api);
        ListReviews.Map(api);
        GetReview.Map(api);
        ClaimReview.Map(api);
        ReleaseReview.Map(api);
        ApproveReview.Map(api);
        RejectReview.Map(api);
        ListBlockers.Map(api);
        GetBlocker.Map(api);
        ReportBlocker.Map(api);
        ResolveBlocker.Map(api);
        SyncCoordination.Map(api);
        ListMemoryBanks.Map(api);
        GetMemoryBank.Map(api);
    }
}
