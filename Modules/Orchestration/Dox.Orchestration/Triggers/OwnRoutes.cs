using Dox.Workflows.Rules;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Dox.Orchestration.Triggers;

/// <summary>The routes of the host itself, which no rule can have. Known once the host answers requests; empty before.</summary>
internal sealed class OwnRoutes(EndpointDataSource endpoints)
{
    private IReadOnlyList<OwnRoute>? _known;

    public IReadOnlyList<OwnRoute> All => _known ?? Read();

    private OwnRoute[] Read()
    {
        var routes =
            from endpoint in endpoints.Endpoints.OfType<RouteEndpoint>()
            where endpoint.Metadata.GetMetadata<RuleRoutes.Mark>() is null
            let path = PathOf(endpoint.RoutePattern)
            where path is not null
            from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
            select new OwnRoute(method, path, endpoint.Metadata.GetMetadata<RunsRule>()?.Name);
        OwnRoute[] found = [.. routes.Distinct()];
        if (found.Length > 0) _known = found;
        return found;
    }

    // Below /api, as rules' paths are; whatever a constraint asks of a segment, a rule can't have it
    private static string? PathOf(RoutePattern pattern)
    {
        string[] segments = [.. pattern.PathSegments.Select(segment => segment.Parts switch
        {
            [RoutePatternLiteralPart literal] => literal.Content,
            [RoutePatternParameterPart { IsCatchAll: true }] => "{*}",
            _ => "{}",
        })];
        if (segments is not ["api", _, ..]) return null;
        return "/" + string.Join('/', segments[1] == "v1" ? segments[2..] : segments[1..]);
    }
}
