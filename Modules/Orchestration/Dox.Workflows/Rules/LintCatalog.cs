namespace Dox.Workflows.Rules;

/// <summary>A kind of problem that a rule file can have.</summary>
/// <param name="Code">Stable, for tools.</param>
/// <param name="Severity">An error keeps the rule from loading; with a warning something is taken, and said.</param>
/// <param name="Says">What is wrong.</param>
/// <param name="Remedy">What to do, or what is taken where nothing is done.</param>
public sealed record LintCode(string Code, DiagnosticSeverity Severity, string Says, string Remedy);

/// <summary>Every kind of problem that linting names. <c>docs/reference/lint-codes.md</c> is written from it.</summary>
public static class LintCatalog
{
    /// <summary>The codes, errors first, each in alphabetical order.</summary>
    public static IReadOnlyList<LintCode> All { get; } =
    [
        Error("bad-cron", "The source of a schedule is no cron expression of five fields.", "Write five fields, in UTC: `0 9 * * *`. Words after them are ignored."),
        Error("bad-expression", "An expression that would be run can't be read.", "Write JavaScript; the message tells what is wrong with it."),
        Error("bad-key", "A key of the YAML file isn't a text.", "Put it in quotes."),
        Error("bad-lanes", "A `parallel` or `for_each` doesn't say rightly what its lanes are.", "The message tells which of its parameters to mend."),
        Error("bad-target", "A success leads to a retry, which only a failure can.", "Name the step to go to."),
        Error("broken-yaml", "The text is no YAML from this place on.", "Mend it; nothing after it was looked at."),
        Error("duplicate-branch", "Two branches of a `parallel` have one name.", "Rename one: results go by the name."),
        Error("duplicate-key", "A key stands twice in one map.", "Remove one: YAML would silently take the last."),
        Error("duplicate-rule", "Two files hold the same rule and version with another content.", "Give one of them another version."),
        Error("duplicate-step", "Two steps have one name.", "Rename one: targets and results go by the name."),
        Error("empty-file", "The file holds nothing.", "Write a rule, or remove the file."),
        Error("lanes-too-deep", "Lanes lie more than 4 deep in lanes.", "Move the inner steps to a rule of their own, and run it with `run_workflow`."),
        Error("merge-key", "YAML's `<<` isn't read in rules.", "Write the keys out."),
        Error("missing-action", "A step doesn't say what it does.", "Give it an `action`."),
        Error("no-steps", "The rule has no steps.", "Add at least one."),
        Error("not-a-rule", "The file holds something else than a map of keys.", "A rule begins with `name:`."),
        Error("path-too-long", "A step in a lane has a path of more than 200 characters, with the names around it.", "Shorten the names."),
        Error("several-documents", "A second YAML document begins.", "One file holds one rule."),
        Error("test-bad-value", "A value in a rule's tests has the wrong type.", "Tests are read strictly; write what the message asks for."),
        Error("test-missing-key", "A key that a test needs isn't there.", "Add it."),
        Error("test-unknown-key", "A key has no meaning in a rule's tests.", "Correct or remove it: nothing in tests is documentation but comments."),
        Error("test-unknown-rule", "The rule that is to be tested isn't there, or has errors.", "Name it with `rule:`, and mend it first."),
        Error("test-unknown-step", "A test names a step that the rule doesn't have.", "Name one of its steps; a step of a rule inside a step is `Step/Inner step`."),
        Error("too-deep", "Values are nested more than 32 levels deep.", "Make it flatter; nothing after it was looked at."),
        Error("too-large", "The file is larger than a rule may be.", "A rule has at most 1,000,000 characters."),
        Error("too-many-lanes", "More than 64 lanes of a step, or 256 with those in its lanes, would be followed at once.", "Lower a `concurrency`."),
        Error("too-many-nodes", "The file holds more than 20,000 values, counted with anchors expanded.", "Write less, or fewer aliases."),
        Error("unknown-action", "No action of that name exists.", "`dox rules actions` lists them."),
        Error("unknown-anchor", "A YAML alias names an anchor that doesn't stand before it.", "Name one that does."),
        Error("unknown-endpoint", "The module that stands behind a service doesn't answer that method and path.", "The suggestion lists what it answers."),
        Error("unknown-function", "No module answers a function of that name.", "`dox rules actions` lists them."),
        Error("unknown-step", "A target is no step, no end, no policy and no key of `error_handling`.", "Name one, or write the `branches` that the suggestion shows."),
        Error("unreadable-file", "The file can't be read from the disk.", "See to its permissions."),

        Warning("bad-arguments", "A function is given more or fewer arguments than it takes.", "Those that lack are null, those that are too many are left out."),
        Warning("bad-compensation", "An action that waits can't undo anything.", "The step has no compensation."),
        Warning("bad-duration", "A time is no number of seconds, or out of its range.", "The default is taken; `30`, `30s`, `5m` and `2h` can be read."),
        Warning("bad-name", "The rule's name isn't in snake_case, or a step's name can't be part of an idempotency key.", "The name that can be had of it is taken."),
        Warning("bad-number", "A number is none, or out of its range.", "The default is taken."),
        Warning("bad-policy", "A policy is none of those there are.", "`escalate` is taken, as for prose that says nothing else."),
        Warning("bad-route", "The source of an `api_request` is no method and path below `/api/`.", "The rule is started by hand."),
        Warning("bad-value", "A value has the wrong type, or isn't one of those there are.", "It is left out, or the default is taken."),
        Warning("bad-version", "A version isn't three numbers.", "The three numbers that can be had of it are taken."),
        Warning("bad-wait", "A `wait` must have exactly one of `seconds`, `until` and `event`.", "The step fails when it is run."),
        Warning("condition-not-checked", "A condition of this type isn't checked before a run starts.", "Write it as a step, or as `custom_logic`."),
        Warning("cycle-without-wait", "Steps lead back to themselves, and none between waits for anything.", "Put a `wait` in; a run ends as failed after 10,000 steps."),
        Warning("endless-loop", "From here no way leads to an end.", "Give the loop a way out."),
        Warning("missing-key", "A key that is needed isn't there.", "What is taken in its place stands in the message."),
        Warning("missing-parameter", "An action isn't given what it needs.", "The step fails when it is run."),
        Warning("no-trigger", "The rule has no trigger.", "It is started by hand or by another rule."),
        Warning("not-an-expression", "Braces in a memory update hold something that is no expression.", "They stay text."),
        Warning("own-route", "A rule's route is one that DOX answers itself.", "DOX answers it, and the rule isn't started by it. Choose another path."),
        Warning("prose-policy", "A policy is written as prose.", "The policy in the message is taken; write its name."),
        Warning("same-trigger", "Two rules have one trigger.", "Of one route only the first rule answers; of one event both run."),
        Warning("too-many-problems", "The file has more problems than are worth listing.", "Mend those that are listed."),
        Warning("unknown-condition", "No condition of that type exists.", "It is documentation: nothing is checked."),
        Warning("unknown-key", "A key has no meaning here.", "It is documentation."),
        Warning("unknown-name", "An expression reads a name that nothing produces.", "It is null."),
        Warning("unknown-parameter", "An action has no such parameter.", "It is documentation."),
        Warning("unknown-rule", "A step runs a rule that isn't there.", "The step fails when it is run."),
        Warning("unknown-schema-keyword", "A schema has no such keyword.", "It isn't checked."),
        Warning("unknown-service", "No service of that name is configured.", "The step fails when it is run; `Dox:Services` names the services."),
        Warning("unreachable-branch", "A branch stands after one that is always taken.", "Put the branch without `when` last."),
        Warning("unreachable-step", "Nothing leads to a step.", "Lead to it, or remove it."),
    ];

    private static LintCode Error(string code, string says, string remedy) => new(code, DiagnosticSeverity.Error, says, remedy);

    private static LintCode Warning(string code, string says, string remedy) => new(code, DiagnosticSeverity.Warning, says, remedy);
}
