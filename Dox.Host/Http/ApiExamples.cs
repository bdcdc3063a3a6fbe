using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Dox.Host.Http;

/// <summary>An example of each request's body, for the API's description. By method and path, as the description has them.</summary>
internal static class ApiExamples
{
    private const string Json = "application/json";
    private const string Yaml = "application/yaml";
    private const string Form = "multipart/form-data";

    private const string Rule = "name: greet\nservice: Tests\nversion: \"1.0.0\"\ntrigger: { type: api_request, source: POST /api/greetings }\nmode: embedded\noutput: { text: \"${ 'Hello, ' + name }\" }\nsteps:\n  - { name: Look, action: validate_data, params: { schema: { required: [name] }, data: \"{name}\" } }\n";
    private const string Template = "template_id: acme_invoice\nname: Invoice of ACME\nkeywords: [ACME Ltd]\nfields:\n  invoice_number: { regex: \"Invoice No\\\\. (\\\\w+)\" }\n";
    private const string Reason = """{ "reason": "The supplier sent a new file." }""";
    private const string Recognition = """{ "document_id": "doc_0193e4a1b2c37d4e8f9a0b1c2d3e4f50", "options": { "max_candidates": 3, "confidence_threshold": 0.5 } }""";
    private const string Upload = """{ "file": "(the bytes of invoice.pdf)", "metadata": "{\"customer\": \"4711\"}", "workflow": "process_document_upload" }""";

    private static readonly Dictionary<string, (string Type, JsonNode Example)> s_examples = new(StringComparer.Ordinal)
    {
        ["POST /api/v1/documents"] = Of(Upload, Form),
        ["POST /api/v1/documents/upload"] = Of(Upload, Form),
        ["PUT /api/v1/documents/{id}/hold"] = Of("""{ "reason": "Court order 17/2026" }"""),
        ["POST /api/v1/workflows"] = Of("""{ "rule_name": "sync_team_coordination", "context": {}, "workflow_id": "morning-2026-12-01" }"""),
        ["POST /api/v1/workflows/bulk"] = Of("""{ "verb": "retry", "filter": { "status": "failed", "rule": "process_document_upload" }, "reason": "The scanner is back.", "dry_run": true, "limit": 100 }"""),
        ["POST /api/v1/workflows/{id}/pause"] = Of(Reason),
        ["POST /api/v1/workflows/{id}/resume"] = Of(Reason),
        ["DELETE /api/v1/workflows/{id}"] = Of("""{ "reason": "Sent by mistake.", "rollback": true }"""),
        ["POST /api/v1/workflows/{id}/retry"] = Of("""{ "reason": "The customer's number was wrong.", "context": { "customer": "4711" } }"""),
        ["POST /api/v1/workflows/{id}/skip"] = Of("""{ "reason": "Done by hand." }"""),
        ["POST /api/v1/workflows/{id}/signal"] = Of("""{ "event": "payment_received", "data": { "amount": 119.00 }, "reason": "Told by telephone." }"""),
        ["PATCH /api/v1/workflows/{id}/context"] = Of("""{ "context": { "customer": "4711", "old_name": null }, "reason": "Typing error." }"""),
        ["POST /api/v1/workflows/{id}/replay"] = Of("""{ "from_step": "Document Classification", "rule_version": "newest", "reason": "The rule was mended." }"""),
        ["PUT /api/v1/rules/{name}"] = Of(JsonValue.Create(Rule), Yaml),
        ["POST /api/v1/rules/validate"] = Of(JsonValue.Create(Rule), Yaml),
        ["POST /api/v1/rules/simulate"] = Of("""{ "rule_name": "validate_file_for_upload", "input": { "document": { "id": "doc_1" } }, "mocks": { "File Size": { "output": { "passed": true } } } }"""),
        ["POST /api/v1/rules/backtest"] = Of("""{ "rule_name": "process_document_upload", "baseline_version": "1.0.0", "from": "2026-11-01T00:00:00Z", "limit": 100 }"""),
        ["POST /api/v1/webhooks"] = Of("""{ "url": "https://example.com/dox", "event_types": ["workflow_completed", "workflow_failed"] }"""),
        ["POST /api/v1/webhooks/{id}/redrive"] = Of("""{ "delivery_id": "dlv_0193e4a1b2c37d4e8f9a0b1c2d3e4f50" }"""),
        ["POST /api/v1/dead-letters/{id}/redrive"] = Of("""{ "reason": "Their server is back." }"""),
        ["POST /api/v1/dead-letters/redrive"] = Of("""{ "kind": "delivery", "reason": "Their server is back." }"""),
        ["POST /api/v1/dead-letters/{id}/dismiss"] = Of("""{ "reason": "That system is gone." }"""),
        ["POST /api/v1/quarantine/{id}/release"] = Of("""{ "reason": "A false alarm; the maker confirmed it." }"""),
        ["POST /api/v1/templates"] = Of(JsonValue.Create(Template), Yaml),
        ["PUT /api/v1/templates/{id}"] = Of(JsonValue.Create(Template), Yaml),
        ["POST /api/v1/templates/{id}/restore"] = Of("""{ "revision": 3, "reason": "The new one misses the total." }"""),
        ["POST /api/v1/templates/learn"] = Of("""{ "file": "(the bytes of one to five samples)", "template_id": "acme_invoice", "name": "Invoice of ACME" }""", Form),
        ["POST /api/v1/templates/test"] = Of(JsonValue.Create(Template), Yaml),
        ["POST /api/v1/templates/import"] = Of("""{ "templates": [{ "path": "com.acme.yml", "source": "issuer: ACME Ltd\nkeywords: [ACME Ltd]\nfields:\n  invoice_number: Invoice No\\. (\\w+)\n" }], "dry_run": true }"""),
        ["POST /api/v1/templates/drafts/{id}/publish"] = Of("""{ "template_id": "acme_invoice", "name": "Invoice of ACME", "family": "acme" }"""),
        ["POST /api/v1/templates/drafts/{id}/dismiss"] = Of("""{ "reason": "Advertising." }"""),
        ["POST /api/v1/templates/{id}/extract"] = Of("""{ "document_id": "doc_0193e4a1b2c37d4e8f9a0b1c2d3e4f50" }"""),
        ["POST /api/v1/auth/validate"] = Of("""{ "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl" }"""),
        ["POST /api/v1/keys"] = Of("""{ "name": "scanner-room", "roles": ["submitter"], "account_id": "acme", "teams": [], "expires_in_days": 90 }"""),
        ["POST /api/v1/keys/{id}/rotate"] = Of("""{ "expires_in_days": 90 }"""),
        ["POST /api/v1/recognize"] = Of(Recognition),
        ["POST /api/v1/recognize/template"] = Of(Recognition),
        ["POST /api/v1/recognize/{id}/declare"] = Of("""{ "template_id": "acme_invoice" }"""),
        ["POST /api/v1/declare"] = Of("""{ "document_id": "doc_0193e4a1b2c37d4e8f9a0b1c2d3e4f50", "template_id": "acme_invoice" }"""),
        ["POST /api/v1/reviews/{id}/approve"] = Of("""{ "template_id": "acme_invoice", "fields": { "total": "119.00" }, "reason": "The scan is faint." }"""),
        ["POST /api/v1/reviews/{id}/reject"] = Of("""{ "reason": "No invoice at all." }"""),
        ["POST /api/v1/blockers"] = Of("""{ "title": "The store is full", "service": "dox-core-store", "description": "No document can be kept.", "severity": "critical" }"""),
        ["POST /api/v1/blockers/{id}/resolve"] = Of("""{ "note": "A disk was added." }"""),
    };

    /// <summary>Shows the operation's example, where it has one.</summary>
    public static void Show(OpenApiOperation operation, string method, string path)
    {
        if (s_examples.TryGetValue($"{method} /{path}", out var example) && operation.RequestBody?.Content?.TryGetValue(example.Type, out var body) == true)
            body.Example = example.Example.DeepClone();
    }

    private static (string Type, JsonNode Example) Of(string json, string type = Json) => (type, JsonNode.Parse(json)!);

    private static (string Type, JsonNode Example) Of(JsonNode example, string type) => (type, example);
}
