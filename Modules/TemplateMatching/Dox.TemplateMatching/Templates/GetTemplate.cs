using System.Text.Json;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Extraction;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TemplateMatching.Templates;

internal static class GetTemplate
{
    [OpenToAll]
    internal sealed record Query(string Id) : IQuery<Answer>;

    /// <summary>A definition, as it is written and as it was understood.</summary>
    internal sealed record Answer(
        string Id, string Name, string Family, int Version, string? Locale, MatchAnswer Match, IReadOnlyDictionary<string, FieldAnswer> Fields, RouteAnswer? Route,
        PlaceAnswer Place, string Definition);

    /// <param name="ReadOnly">It lies in a folder of the server; what it learned since is stored, though.</param>
    /// <param name="Revision">Of the stored version; null where there is none.</param>
    /// <param name="Origin">How that came to be.</param>
    /// <param name="ValidFrom">UTC.</param>
    /// <param name="ValidTo">UTC; null until further notice.</param>
    internal sealed record PlaceAnswer(bool ReadOnly, int? Revision, TemplateOrigin? Origin, DateTimeOffset? ValidFrom, DateTimeOffset? ValidTo);

    internal sealed record MatchAnswer(
        IReadOnlyList<string> Require, IReadOnlyList<string> Forbid, IReadOnlyList<AnchorAnswer> Anchors, IReadOnlyList<FormAnchor> Form, string? Pages);

    internal sealed record AnchorAnswer(string Text, int Page, double? X, double? Y, double Weight);

    internal sealed record FieldAnswer(
        string Where, IReadOnlyList<string> Near, IReadOnlyList<string> Until, RegionBox? Region, int? Page, string? Regex, string Type, string? Locale, int Lines,
        bool Required, string? Check);

    internal sealed record RouteAnswer(string Team);

    internal sealed class Handler(TemplateCatalog catalog) : IRequestHandler<Query, Answer>
    {
        public Task<Answer> Handle(Query request, CancellationToken cancellationToken) => Task.FromResult(Of(catalog.Get(request.Id)));

        private Answer Of(TemplateDefinition t) => new(
            t.Id, t.Name, t.Family, t.Version, t.Locale,
            new(
                [.. t.Match.Require.Select(p => p.Text)], [.. t.Match.Forbid.Select(p => p.Text)],
                [.. t.Match.Anchors.Select(a => new AnchorAnswer(a.Text.Text, a.Page, a.X, a.Y, a.Weight))], t.Match.Form,
                t.Match.Pages == PageRange.Any ? null : t.Match.Pages.ToString()),
            t.Fields.ToDictionary(f => f.Name, Of, StringComparer.Ordinal),
            t.Team is null ? null : new(t.Team),
            new(catalog.IsInFolder(t.Id), t.Stored?.Revision, t.Stored?.Origin, t.Stored?.ValidFrom, t.Stored?.ValidTo), t.Text);

        private static FieldAnswer Of(FieldDefinition f) => new(
            JsonNamingPolicy.SnakeCaseLower.ConvertName(f.Where.ToString()), [.. f.Near.Select(p => p.Text)], [.. f.Until.Select(p => p.Text)], f.Region, f.Page,
            f.Expression?.ToString(), FieldTypes.NameOf(f.Type), f.Locale, f.Lines, f.Required, f.Check?.Text);
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/templates/{id}", (string id, IMediator mediator, CancellationToken cancellationToken) => mediator.Send(new Query(id), cancellationToken))
            .WithSummary("A template's definition")
            .Produces<Answer>().ProducesProblem(StatusCodes.Status404NotFound);
}
