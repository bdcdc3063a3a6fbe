using NJsonSchema;
using NJsonSchema.CodeGeneration;

namespace Dox.Client.Generator;

/// <summary><c>workflow_id</c> on the wire is <c>WorkflowId</c> in C#.</summary>
internal sealed class PascalNames : IPropertyNameGenerator
{
    public string Generate(JsonSchemaProperty property) =>
        string.Concat(property.Name.Split('_', '-', ' ').Where(word => word.Length > 0).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
