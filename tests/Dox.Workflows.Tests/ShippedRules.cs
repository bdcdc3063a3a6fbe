using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests;

/// <summary>The rules in <c>workflows/</c>, with a host that answers as scripted.</summary>
internal static class ShippedRules
{
    public static string Folder { get; } = Find(AppContext.BaseDirectory);

    public static string PathOf(string file) => Path.Combine(Folder, file);

    public static RuleSet Load(TestVocabulary tests)
    {
        var vocabulary = tests.Vocabulary;
        foreach (var name in new[] { "check_file_size", "validate_mime_type", "scan_for_viruses", "check_rate_limit", "validate_format_specific", "check_for_datamatrix_code" })
            vocabulary.Add(new FunctionDefinition(name, "", [new VocabularyParameter("document", Required: true)], tests.Handle));
        vocabulary.Add(new FunctionDefinition("make_confidence_decision", "",
            [new VocabularyParameter("recognition", Required: true), new VocabularyParameter("template_confidence_high"), new VocabularyParameter("template_confidence_low")], tests.Handle));
        AddFunction("analyze_pdf_structure", "document");
        AddFunction("score_against_templates", "document", "max_candidates", "confidence_threshold");
        AddFunction("update_ml_models_and_metrics", "recognition", "template_id", "decided_by");
        AddFunction("aggregate_service_status");
        AddFunction("analyze_cross_team_dependencies");
        AddFunction("identify_active_blockers");
        AddFunction("update_team_memory_banks_parallel", "status", "dependencies", "blockers", "next_sync");
        AddFunction("validate_api_against_contract", "service", "api");
        vocabulary.Add(new ActionDefinition("notify_team", "Tells a team.", [new("team"), new("subject"), new("message")], tests.Handle, Produces: []));
        vocabulary.Add(new ActionDefinition("publish_event", "Tells that something happened.", [new("event"), new("events"), new("data")], tests.Handle, Produces: []));
        foreach (var service in new[] { "dox-core-store", "dox-tmpl-pdf-recognizer", "dox-tmpl-service" }) vocabulary.Add(new ServiceDefinition(service));
        return RuleSet.Load(new RuleParser(vocabulary), Folder);

        void AddFunction(string name, params string[] arguments) =>
            vocabulary.Add(new FunctionDefinition(name, "", [.. arguments.Select(argument => new VocabularyParameter(argument))], tests.Handle, Produces: []));
    }

    public static StepOutcome Check(string step, bool passed, int httpStatus = 200, string? message = null, string status = "valid") => StepOutcome.Success(new JsonObject
    {
        ["step"] = step,
        ["passed"] = passed,
        ["status"] = status,
        ["http_status"] = httpStatus,
        ["findings"] = message is null ? [] : new JsonArray(new JsonObject { ["step"] = step, ["code"] = "c", ["message"] = message }),
        ["warnings"] = new JsonArray(),
    });

    /// <summary>All checks pass, the template is sure, every service answers.</summary>
    public static void ScriptTheGoodCase(TestVocabulary tests, string decision = "auto_accepted")
    {
        tests.Script("File Size", Check("file_size", true));
        tests.Script("MIME Type", Check("mime_type", true));
        tests.Script("Virus Scan", Check("virus_scan", true));
        tests.Script("Rate Limit", Check("rate_limit", true));
        tests.Script("Format Validation", Check("format_validation", true));
        tests.Script("Document Classification", StepOutcome.Success(new JsonObject { ["found"] = false }));
        tests.Script("Manual Document Processing", StepOutcome.Success(new JsonObject
        {
            ["confidence"] = 0.93,
            ["template_matched"] = new JsonObject { ["template_id"] = "de.example.invoice" },
        }));
        tests.Script("Evaluate Template Confidence", StepOutcome.Success(new JsonObject { ["decision"] = decision, ["confidence"] = 0.93, ["reason"] = "0.93" }));
        tests.Script("Extract Fields", StepOutcome.Success(new JsonObject
        {
            ["template_id"] = "de.example.invoice",
            ["fields"] = new JsonObject { ["total"] = new JsonObject { ["value"] = "11.90" }, ["number"] = new JsonObject { ["value"] = "R-1" } },
        }));
    }

    public static JsonObject Input => new() { ["document"] = new JsonObject { ["id"] = "doc_1", ["length"] = 1000, ["media_type"] = "application/pdf" } };

    private static string Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Dox.sln")))
                return Path.Combine(folder.FullName, "workflows");
        throw new DirectoryNotFoundException("The repository's folder workflows/ isn't above the tests.");
    }
}
