using System.Text.Json.Nodes;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.Http;

public sealed class ApiExampleTests
{
    [Test]
    public async Task Every_body_of_a_request_is_described_with_an_example_of_members_that_it_has()
    {
        await using var host = await DoxHostFixture.StartAsync();
        var api = await host.Client.GetJsonAsync("/openapi/v1.json");
        var wrong = new List<string>();
        foreach (var (path, methods) in api["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                if (operation?["requestBody"]?["content"] is not JsonObject content) continue;
                if (content.Select(body => body.Value?["example"]).FirstOrDefault(example => example is not null) is not { } shown) wrong.Add($"{method.ToUpperInvariant()} {path} has none: add it to ApiExamples");
                else if (content["application/json"] is { } body && body["example"] is JsonObject example)
                    wrong.AddRange(example.Select(member => member.Key).Except(MembersOf(api, body["schema"]!), StringComparer.Ordinal).Select(name => $"{method.ToUpperInvariant()} {path} has no '{name}'"));
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    private static IEnumerable<string> MembersOf(JsonNode api, JsonNode schema)
    {
        if ((string?)schema["$ref"] is { } reference) return MembersOf(api, api["components"]!["schemas"]![reference.Split('/')[^1]]!);
        return schema["oneOf"] is JsonArray parts ? parts.SelectMany(part => MembersOf(api, part!)) : schema["properties"]?.AsObject().Select(member => member.Key) ?? [];
    }
}
