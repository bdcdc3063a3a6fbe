using System.Text.Json.Nodes;

namespace Dox.Simulation.Tests.Surroundings;

/// <summary>What services answer the steps of the shipped rules. Which way a run takes its id decides.</summary>
internal static class ShippedAnswers
{
    private static readonly string[] Decisions = ["auto_accepted", "human_review", "needs_ocr"];

    public static IReadOnlyList<string> Functions { get; } =
    [
        "check_file_size", "validate_mime_type", "scan_for_viruses", "check_rate_limit", "validate_format_specific", "check_for_datamatrix_code", "analyze_pdf_structure",
        "score_against_templates", "make_confidence_decision", "evaluate_confidence_score", "update_ml_models_and_metrics", "aggregate_service_status",
        "analyze_cross_team_dependencies", "identify_active_blockers", "update_team_memory_banks_parallel", "validate_api_against_contract",
    ];

    public static IReadOnlyList<string> Services { get; } =
        ["dox-validation-service", "dox-core-store", "dox-tmpl-pdf-upload", "dox-tmpl-pdf-recognizer", "dox-tmpl-service", "dox-workflow-orchestrator", "dox-core-auth"];

    /// <summary>What every rule is started with.</summary>
    public static JsonObject Input => new()
    {
        ["n"] = 0,
        ["document"] = new JsonObject { ["id"] = "doc_1", ["length"] = 1000, ["media_type"] = "application/pdf" },
    };

    /// <summary>The answer to a step of a run; null where the step is of no shipped rule.</summary>
    public static JsonObject? Of(string step, string run)
    {
        var way = StableHash.Of(run);
        return step switch
        {
            "File Size" or "MIME Type" or "Rate Limit" or "Format Validation" => Check(step, passed: true),
            "Virus Scan" => way % 5 == 0 ? Check(step, passed: false, "error") : Check(step, passed: true),
            "Scan Again" => Check(step, passed: true),
            "Document Classification" => new() { ["found"] = way % 3 == 0, ["account"] = "acc" },
            "System Document Processing" or "Manual Document Processing" => new() { ["confidence"] = 0.93, ["template_matched"] = new JsonObject { ["template_id"] = "t" } },
            "Evaluate Template Confidence" => new() { ["decision"] = Decisions[way % 3], ["confidence"] = 0.93, ["reason"] = "0.93" },
            "Extract Fields" => new() { ["template_id"] = "t", ["fields"] = new JsonObject { ["total"] = new JsonObject { ["value"] = "11.90" } } },
            _ => null,
        };
    }

    private static JsonObject Check(string step, bool passed, string status = "valid") => new()
    {
        ["step"] = step.ToLowerInvariant().Replace(' ', '_'),
        ["passed"] = passed,
        ["status"] = status,
        ["http_status"] = passed ? 200 : 503,
        ["findings"] = new JsonArray(),
        ["warnings"] = new JsonArray(),
    };
}
