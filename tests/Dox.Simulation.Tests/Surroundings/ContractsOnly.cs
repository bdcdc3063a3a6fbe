using System.Reflection;
using Dox.SharedKernel.Infrastructure.Modules;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Dox.Simulation.Tests.Surroundings;

/// <summary>A module of which nothing is here but what it can be sent.</summary>
internal sealed class ContractsOnly(string name, Assembly contracts) : IModule
{
    public string Name => name;

    public Assembly Contracts => contracts;

    public void AddServices(IHostApplicationBuilder builder) => throw new NotSupportedException();

    public void MapEndpoints(IEndpointRouteBuilder api) => throw new NotSupportedException();
}
