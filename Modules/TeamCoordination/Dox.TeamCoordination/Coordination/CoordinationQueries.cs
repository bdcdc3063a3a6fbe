using Dox.TeamCoordination.Contracts;
using MediatR;

namespace Dox.TeamCoordination.Coordination;

internal sealed class AggregateServiceStatusHandler(CoordinationReports reports) : IRequestHandler<AggregateServiceStatus, ServiceStatusReport>
{
    public Task<ServiceStatusReport> Handle(AggregateServiceStatus request, CancellationToken cancellationToken) => reports.StatusAsync(cancellationToken);
}

internal sealed class AnalyzeCrossTeamDependenciesHandler(CoordinationReports reports) : IRequestHandler<AnalyzeCrossTeamDependencies, DependencyReport>
{
    public Task<DependencyReport> Handle(AnalyzeCrossTeamDependencies request, CancellationToken cancellationToken) => reports.DependenciesAsync(cancellationToken);
}

internal sealed class IdentifyActiveBlockersHandler(CoordinationReports reports) : IRequestHandler<IdentifyActiveBlockers, BlockerReport>
{
    public Task<BlockerReport> Handle(IdentifyActiveBlockers request, CancellationToken cancellationToken) => reports.BlockersAsync(cancellationToken);
}
