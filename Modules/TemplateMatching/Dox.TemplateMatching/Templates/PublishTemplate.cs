using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Teaching;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Dox.TemplateMatching.Templates;

/// <summary>Puts a definition in force, in every process; the version before it is kept.</summary>
internal static class PublishTemplate
{
    /// <param name="Id">The id that the path names; null: a new template, with the id that the definition names.</param>
    /// <param name="Source">The definition as YAML.</param>
    /// <param name="Period">When it is in force, and why.</param>
    [Requires(Role.Author)]
    internal sealed record Command(string? Id, string Source, Period Period) : ICommand<Answer>;

    internal sealed record Period
    {
        /// <summary>Absent: at once.</summary>
        [FromQuery(Name = "valid_from")]
        public DateTimeOffset? ValidFrom { get; init; }

        /// <summary>Absent: until further notice.</summary>
        [FromQuery(Name = "valid_to")]
        public DateTimeOffset? ValidTo { get; init; }

        /// <summary>Why; the audit keeps it.</summary>
        public string? Reason { get; init; }
    }

    /// <param name="Success">Always true.</param>
    /// <param name="Id">The template's.</param>
    /// <param name="Revision">Of the version that was added.</param>
    /// <param name="ValidFrom">UTC.</param>
    /// <param name="ValidTo">UTC; null until further notice.</param>
    /// <param name="InForce">Whether documents are matched against it now.</param>
    /// <param name="Timestamp">UTC.</param>
    internal sealed record Answer(bool Success, string Id, int Revision, DateTimeOffset ValidFrom, DateTimeOffset? ValidTo, bool InForce, DateTimeOffset Timestamp)
    {
        public static Answer Of(TemplateVersion version, DateTimeOffset now) =>
            new(true, version.TemplateId, version.Revision, version.ValidFrom, version.ValidTo, version.Source is not null && version.IsInForceAt(now), now);
    }

    internal sealed class Handler(TemplateMatchingDbContext db, TemplateCatalog catalog, CallContext call, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            var template = TemplateSource.Demand(command.Source, command.Id);
            TemplateSource.DemandOwn(catalog, template.Id);
            TemplateVersion version;
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                var latest = await db.LatestOfAsync(template.Id, cancellationToken);
                if (command.Id is null && latest is { Source: not null })
                    throw DoxException.Conflict("template_exists", $"There is a template '{template.Id}' already. PUT /api/v1/templates/{template.Id} changes it.");
                version = await db.AddAsync(
                    new TemplateChange(
                        template.Id, TemplateOrigin.Written, command.Source, Knowing(latest, command.Source), ValidFrom: command.Period.ValidFrom?.ToUniversalTime(),
                        ValidTo: command.Period.ValidTo?.ToUniversalTime(), Reason: TemplateSource.Checked(command.Period.Reason)),
                    call.Caller, clock, cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            // The other processes find it when they look next
            await catalog.ReloadAsync(cancellationToken);
            return Answer.Of(version, clock.GetUtcNow());
        }

        // What it learned stays with it; what the author writes now is what it learns on top of
        private static string? Knowing(TemplateVersion? latest, string source) =>
            latest is { Learning: { } learning, Base: null } ? (TemplateKnowledge.FromJson(learning) with { Ground = source }).ToJson() : null;
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/templates", async ([AsParameters] Period period, HttpRequest request, IMediator mediator, CancellationToken cancellationToken) =>
            {
                var answer = await mediator.Send(new Command(null, await TemplateSource.ReadAsync(request, cancellationToken), period), cancellationToken);
                return TypedResults.Created($"/api/v1/templates/{answer.Id}", answer);
            })
            .WithSummary("Adds a template; its definition as YAML, or as JSON with it under 'source'")
            .Accepts<string>("application/yaml", "text/plain", "application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapPut("/templates/{id}", async (string id, [AsParameters] Period period, HttpRequest request, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, await TemplateSource.ReadAsync(request, cancellationToken), period), cancellationToken)))
            .WithSummary("A template's next version, in force in every process")
            .Accepts<string>("application/yaml", "text/plain", "application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }
}

/// <summary>A definition that somebody sent.</summary>
internal static class TemplateSource
{
    public static Task<string> ReadAsync(HttpRequest request, CancellationToken cancellationToken) => SourceBody.ReadAsync(request, "template", YamlTree.MaxLength, cancellationToken);

    public static Task<string?> ReadOptionalAsync(HttpRequest request, CancellationToken cancellationToken) =>
        SourceBody.ReadOptionalAsync(request, "template", YamlTree.MaxLength, cancellationToken);

    /// <summary>The template that the text defines.</summary>
    /// <exception cref="DoxException">422 with all that is wrong.</exception>
    public static TemplateDefinition Demand(string source, string? id)
    {
        var parsed = TemplateParser.Parse(source, id ?? "template");
        if (parsed.Template is not { } template)
        {
            throw new DoxException(
                422, "template_invalid", $"The template can't be used: {parsed.Problems[0].Message}",
                [.. parsed.Problems.Select(p => new Finding("template", p.Code, p.Message, Evidence: $"line {p.Line}, column {p.Column}"))]);
        }

        return id is null || template.Id == id ? template : throw new DoxException(422, "template_id_differs", $"The template's id is '{template.Id}', and the path says '{id}'.");
    }

    /// <exception cref="DoxException">409: it lies in a folder.</exception>
    public static void DemandOwn(TemplateCatalog catalog, string id)
    {
        if (!catalog.IsInFolder(id)) return;
        throw DoxException.Conflict("template_read_only", $"'{id}' is defined in a file of the templates' folder, and is changed there. For one of your own choose another id; with the same family the two don't fight.");
    }

    /// <exception cref="DoxException">400: too long.</exception>
    public static string? Checked(string? reason) => reason?.Length > AuditRecord.LongestReason
        ? throw DoxException.Invalid("reason_too_long", $"The reason has at most {AuditRecord.LongestReason} characters.")
        : reason;
}
