using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>A bank's content: whatever stands there, and under <c>_dox</c> how far the updates of each database went into it.</summary>
internal sealed class BankDocument
{
    private const string Own = "_dox";
    private const string Applied = "applied";

    // A rule's update may be as deep as a message; appended to a list it lies deeper still, and must be readable again.
    private const int MaxDepth = 512;

    private static readonly JsonDocumentOptions s_reading = new() { AllowTrailingCommas = true, MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    // Text of other alphabets stays readable: people open these files.
    private static readonly JsonSerializerOptions s_writing = new() { WriteIndented = true, MaxDepth = MaxDepth, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private BankDocument(JsonObject root) => Root = root;

    public JsonObject Root { get; }

    public static BankDocument Empty() => new([]);

    /// <summary>The content; null, and why, where it is no JSON object.</summary>
    public static BankDocument? TryParse(ReadOnlySpan<byte> content, out string? problem)
    {
        if (content.StartsWith("\uFEFF"u8)) content = content[3..];
        problem = null;
        try
        {
            if (JsonNode.Parse(content, documentOptions: s_reading) is JsonObject root) return new(root);
            problem = "it holds no JSON object";
        }
        catch (JsonException e)
        {
            problem = e.Message;
        }

        return null;
    }

    /// <summary>The newest batch of the source that is in the content; null where the content doesn't say.</summary>
    public long? AppliedOf(string source) =>
        Root[Own] is JsonObject own && own[Applied] is JsonObject applied && applied[source] is JsonValue value && value.TryGetValue<long>(out var batch) ? batch : null;

    public void SetApplied(string source, long batch, DateTimeOffset now)
    {
        if (Root[Own] is not JsonObject own) Root[Own] = own = [];
        if (own[Applied] is not JsonObject applied) own[Applied] = applied = [];
        applied[source] = batch;
        own["updated_at"] = now.UtcDateTime.ToString("O");
    }

    public byte[] ToBytes() => Write(Root);

    public static byte[] Write(JsonObject content) => JsonSerializer.SerializeToUtf8Bytes<JsonNode>(content, s_writing);
}
