using System.Reflection;
using Dox.SharedKernel.Infrastructure.Modules;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Dox.ArchitectureTests.BadModule;

/// <summary>A module that breaks every rule there is, so that each rule is seen to fail.</summary>
public sealed class RuleBreaker : IModule
{
    public string Name => "Bad";

    public Assembly Contracts => typeof(RuleBreaker).Assembly;

    public void AddServices(IHostApplicationBuilder builder)
    {
    }

    public void MapEndpoints(IEndpointRouteBuilder api)
    {
    }
}

/// <summary>Public beside the module class, with a name that says nothing.</summary>
public static class NameHelper;
