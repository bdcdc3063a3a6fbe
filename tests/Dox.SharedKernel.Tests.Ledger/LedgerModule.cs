using System.Reflection;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dox.SharedKernel.Tests.Ledger;

/// <summary>Answers, and tells of what it did.</summary>
public sealed class LedgerModule : IModule
{
    public string Name => "Ledger";

    public Assembly Contracts => typeof(LedgerModule).Assembly;

    public void AddServices(IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddModuleDatabase<LedgerDbContext, SqliteLedgerDbContext>(Name, "ledger");
        builder.Services.AddHostedService<Schema<LedgerDbContext>>();
    }

    public void MapEndpoints(IEndpointRouteBuilder api)
    {
    }
}
