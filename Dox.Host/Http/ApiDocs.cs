using System.Text.Json.Nodes;
using Dox.SharedKernel.Ids;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Dox.Host.Http;

/// <summary>The API's description at <c>/openapi/v1.json</c>, and a page that shows it at <c>/docs</c>. Both are open.</summary>
internal static class ApiDocs
{
    private const string DocsPolicy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

    public static void AddApiDocs(this IServiceCollection services, string version) => services.AddOpenApi("v1", o =>
    {
        // Each route answers under /api too, for earlier clients; who starts today takes /api/v1.
        o.ShouldInclude = api => api.RelativePath is { } path && (path.StartsWith("api/v1/", StringComparison.Ordinal) || !path.StartsWith("api/", StringComparison.Ordinal));
        // Slices call their parts Command, Result and so on: the slice's name tells them apart.
        o.CreateSchemaReferenceId = type => OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name
            ? type.Type.DeclaringType is { } slice && !type.Type.IsGenericType ? slice.Name + name : name
            : null;
        o.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "DOX", Version = version, Description = "Document workflow engine." };
            document.Servers?.Clear();
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                ["api_key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-API-Key" },
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
            };
            document.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("api_key", document)] = [] },
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] },
            ];
            return Task.CompletedTask;
        });
        o.AddOperationTransformer((operation, context, _) =>
        {
            var (method, path) = (context.Description.HttpMethod ?? "GET", context.Description.RelativePath ?? "");
            operation.OperationId ??= OperationId(method, path);
            ApiExamples.Show(operation, method, path);
            return Task.CompletedTask;
        });
        o.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(ProblemDetails)) DescribeProblem(schema);
            if (PrefixOf(context.JsonTypeInfo.Type) is { } prefix)
            {
                schema.Type = JsonSchemaType.String;
                schema.Pattern = $"^{prefix}_[0-9a-f]{{32}}$";
                schema.Examples = [JsonValue.Create($"{prefix}_0193e4a1b2c37d4e8f9a0b1c2d3e4f50")];
            }

            return Task.CompletedTask;
        });
    });

    public static void MapApiDocs(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        // What would call its maker's services is switched off: the page works without the internet, and sends nothing there.
        app.MapScalarApiReference("/docs", o => o.WithTitle("DOX").WithOpenApiRoutePattern("/openapi/{documentName}.json")
                .DisableDefaultFonts().DisableAgent().DisableTelemetry().HideDeveloperTools())
            .AllowAnonymous()
            .AddEndpointFilter((context, next) =>
            {
                context.HttpContext.Response.Headers.ContentSecurityPolicy = DocsPolicy;
                return next(context);
            });
    }

    private static void DescribeProblem(OpenApiSchema schema)
    {
        schema.Properties ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        foreach (var (name, meaning) in new[]
                 {
                     ("code", "Stable, for programs."), ("error", "The same as code."), ("message", "The same as detail."), ("request_id", "As in X-Request-ID."),
                     ("trace_id", "Under which the log tells more."), ("timestamp", "UTC."),
                 })
            schema.Properties[name] = new OpenApiSchema { Type = JsonSchemaType.String, Description = meaning };
        schema.Properties["details"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "What was violated, what was sent, what is allowed." };
        schema.Properties["errors"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = "All that is wrong: step, code, message, provided, max_allowed, evidence.",
            Items = new OpenApiSchema { Type = JsonSchemaType.Object },
        };
    }

    // get /api/v1/documents/{id}/status: getDocumentsByIdStatus
    private static string OperationId(string method, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(path.StartsWith("api/v1/", StringComparison.Ordinal) ? 2 : 0)
            .Select(part => part.StartsWith('{') ? "By" + Pascal(part.Trim('{', '}').Split(':')[0]) : Pascal(part));
        return method.ToLowerInvariant() + string.Concat(parts);
    }

    private static string Pascal(string text) =>
        string.Concat(text.Split('-', '_', '.').Where(word => word.Length > 0).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string? PrefixOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Id<>)
            ? (string)type.GenericTypeArguments[0].GetProperty(nameof(IIdKind.Prefix))!.GetValue(null)!
            : null;
    }
}
