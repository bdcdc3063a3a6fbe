using System.Text.Json.Nodes;
using Dox.Client.Generator;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using NSwag.CodeGeneration.OperationNameGenerators;

// Run by the build of Dox.Client: the API's description in, the client's source out.
var (description, target) = args is [var first, var second] ? (first, second) : throw new InvalidOperationException("Dox.Client.Generator DESCRIPTION.json TARGET.cs");
var api = Earlier.Of(JsonNode.Parse(await File.ReadAllTextAsync(description))!.AsObject());
var document = await OpenApiDocument.FromJsonAsync(api.ToJsonString());
var settings = new CSharpClientGeneratorSettings
{
    ClassName = "DoxClient",
    ExceptionClass = "DoxClientException",
    OperationNameGenerator = new SingleClientFromOperationIdOperationNameGenerator(),
    UseBaseUrl = false,
    GenerateOptionalParameters = true,
    AdditionalNamespaceUsages = ["System.Text.Json", "System.Text.Json.Nodes"],
    CSharpGeneratorSettings =
    {
        Namespace = "Dox.Client",
        JsonLibrary = CSharpJsonLibrary.SystemTextJson,
        GenerateNullableReferenceTypes = true,
        GenerateOptionalPropertiesAsNullable = true,
        PropertyNameGenerator = new PascalNames(),
        // What is any JSON stays JSON
        AnyType = "System.Text.Json.JsonElement",
        ExcludedTypeNames = ["JsonNode", "JsonObject", "JsonElement"],
    },
};
await File.WriteAllTextAsync(target, new CSharpClientGenerator(document, settings).GenerateFile());
