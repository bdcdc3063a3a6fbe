using Dox.Orchestration;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.TeamCoordination;
using Dox.TemplateMatching;
using Dox.Validation;

namespace Dox.Host;

/// <summary>Every module of the product, in the order in which it starts. Which of them this process hosts, <c>Dox:Modules</c> says.</summary>
internal static class Modules
{
    public static IModule[] All => [new OrchestrationModule(), new ValidationModule(), new TemplateMatchingModule(), new TeamCoordinationModule()];
}
