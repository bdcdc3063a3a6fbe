using Dox.Workflows.Rules;
using Dox.Workflows.RuleTests;

namespace Dox.Workflows.Tests.RuleTests;

public sealed class RuleTestRunnerTests
{
    private const string Rule = """
        name: refund
        service: Tests
        version: "1.0.0"
        trigger: { type: manual, source: by a test }
        input: [amount]
        configuration: { limit: 100 }
        steps:
          - name: Pay
            action: api_call
            when: amount <= limit
            params: { service: store, method: POST, endpoint: /api/documents, body: { amount: "{amount}" } }
            output: payment
            retry: { max_attempts: 2, base_delay_ms: 1000 }
            branches: [{ when: payment.done, to: workflow_complete }]
            on_failure: Ask
          - name: Ask
            action: manual_intervention
            params: { team: Document, subject: Pay it? }
            output: decision
            on_success: Await Receipt
          - name: Await Receipt
            action: wait
            params: { event: receipt, timeout_seconds: 3600 }
            output: receipt
            on_failure: escalate
        output: { paid: "${ payment?.done ?? false }", by: "${ decision?.by ?? null }", receipt: "${ receipt?.number ?? null }" }
        """;

    private readonly TestVocabulary _tests = new();

    private RuleSet Rules => new([new RuleParser(_tests.Vocabulary).Parse(Rule, "refund.yaml")]);

    private RuleTestFile Read(string yaml) => RuleTestFile.Read(yaml, "refund.tests.yaml", Rules);

    private async Task<IReadOnlyList<RuleTestResult>> Run(string cases)
    {
        var file = Read(cases);
        Assert.That(file.Problems.Select(problem => problem.ToString()), Is.Empty);
        return await new RuleTestRunner(_tests.Vocabulary, Rules).RunAsync(file);
    }

    [Test]
    public async Task Cases_run_with_mocked_steps_answers_events_and_skipped_time()
    {
        var results = await Run("""
            steps: { Pay: { output: { done: true } } }
            cases:
              - name: Small amount is paid
                input: { amount: 50 }
                expect: { path: [Pay], state: success, outputs: { paid: true }, calls: { Pay: { body: { amount: 50 } } } }
              - name: Payment is tried again
                input: { amount: 50 }
                steps: { Pay: [{ error: { code: unavailable, http_status: 503 } }, { output: { done: true } }] }
                expect: { path: [Pay], state: success, elapsed_seconds: 1, calls: { Pay: [{}, {}] } }
              - name: Large amount asks a person
                input: { amount: 500 }
                steps:
                  Ask: { approve: { by: usr_7 }, after_seconds: 86400 }
                  Await Receipt: { event: { number: R-1 }, after_seconds: 60 }
                expect: { path: [Ask, Await Receipt], state: success, outputs: { paid: false, by: usr_7, receipt: R-1 }, elapsed_seconds: 86460 }
              - name: Person says no
                input: { amount: 500 }
                steps: { Ask: { reject: too much } }
                expect: { state: failed, error: { code: refused, message: too much, step: Ask } }
              - name: Receipt never comes
                input: { amount: 500 }
                steps: { Ask: { approve: } }
                expect: { state: escalated, error: { code: timeout }, elapsed_seconds: 3600 }
              - name: Nobody answers
                input: { amount: 500 }
                expect: { state: waiting_for_human, waits_at: Ask }
            """);
        Assert.That(results.SelectMany(result => result.Problems.Select(problem => $"{result.Case}: {problem}")), Is.Empty);
        Assert.That(results, Has.Count.EqualTo(6));
        Assert.That(_tests.Calls, Is.Empty, "no handler of the host was called");
    }

    [TestCase("expect: { state: failed }", "The state is success; expected: failed.")]
    [TestCase("expect: { path: [Pay, Ask] }", "The path is Pay; expected: Pay → Ask.")]
    [TestCase("expect: { outputs: { paid: false } }", "outputs.paid is true; expected: false.")]
    [TestCase("expect: { outputs: { paid: 1 } }", "outputs.paid is true; expected: 1.")]
    [TestCase("expect: { waits_at: Ask }", "The run waits nowhere; expected: at 'Ask'.")]
    [TestCase("expect: { error: { code: timeout } }", "error is null; expected: {\"code\":\"timeout\"}.")]
    [TestCase("expect: { calls: { Ask: { team: X } } }", "'Ask' wasn't called.")]
    [TestCase("expect: { calls: { Pay: } }", "'Pay' was called; expected: not at all.")]
    [TestCase("expect: { calls: { Pay: { body: { amount: 51 } } } }", "calls.Pay.body.amount is 50; expected: 51.")]
    [TestCase("expect: { elapsed_seconds: 3 }", "0 s passed; expected: 3 s.")]
    [TestCase("steps: { Ask: { approve: } }\n    expect: { state: success }", "The mock of 'Ask' (line 5) was used one time less than it is given.")]
    public async Task Case_that_does_not_hold_says_what_was_and_what_was_expected(string expect, string problem)
    {
        var result = (await Run($"""
            steps: {"{"} Pay: {"{"} output: {"{"} done: true {"}"} {"}"} {"}"}
            cases:
              - name: Small amount is paid
                input: {"{"} amount: 50 {"}"}
                {expect}
            """)).Single();
        Assert.That(result.Problems, Is.EqualTo(new[] { problem }));
    }

    [Test]
    public async Task Step_without_a_mock_fails_its_case_and_says_what_it_was_given()
    {
        var result = (await Run("""
            cases:
              - name: Small amount is paid
                input: { amount: 50 }
                expect: { state: success }
            """)).Single();
        Assert.That(result.Problems[0], Does.StartWith("The run came to 'Pay' (attempt 1, line 8 of the rule), and the case doesn't say what comes of it.").And.Contain("\"amount\":50"));
    }

    [TestCase("cases: []", "(1,8): error test-missing-key")]
    [TestCase("casse: []", "(1,1): error test-unknown-key: A file of tests has no key 'casse'. (did you mean 'cases'?)")]
    [TestCase("cases:\n  - { name: a }", "(2,5): error test-missing-key: A case needs 'expect'")]
    [TestCase("cases:\n  - { name: a, expect: { sate: success } }", "(2,26): error test-unknown-key: 'expect' has no key 'sate'. (did you mean 'state'?)")]
    [TestCase("cases:\n  - { name: a, expect: { state: sucess } }", "(2,33): error test-bad-value: There is no state 'sucess'. (did you mean 'success'?)")]
    [TestCase("cases:\n  - { name: a, steps: { Payy: { output: 1 } }, expect: { state: success } }", "(2,25): error test-unknown-step: No step 'Payy' is there to be mocked. (did you mean 'Pay'?)")]
    [TestCase("cases:\n  - { name: a, steps: { Pay: { outptu: 1 } }, expect: { state: success } }", "(2,32): error test-unknown-key: An outcome has no key 'outptu'. (did you mean 'output'?)")]
    [TestCase("cases:\n  - { name: a, expect: { path: [Pay, Askk] } }", "(2,38): error test-unknown-step: 'refund' has no step 'Askk'. (did you mean 'Ask'?)")]
    [TestCase("cases:\n  - { name: a, steps: { Pay: { error: { message: x } } }, expect: { state: success } }", "(2,39): error test-missing-key: An error needs 'code'.")]
    [TestCase("rule: refnud\ncases: []", "(1,7): error test-unknown-rule: There is no rule 'refnud' without errors. (did you mean 'refund'?)")]
    [TestCase("cases: [", "error broken-yaml")]
    [TestCase("cases:\n  - { name: a, now: noon, expect: { state: success } }", "(2,21): error test-bad-value: 'now' must be a time (ISO 8601).")]
    public void Tests_are_read_strictly(string yaml, string problem)
    {
        var file = Read(yaml);
        Assert.Multiple(() =>
        {
            Assert.That(file.Problems.Select(found => found.ToString()), Has.Some.Contains(problem));
            Assert.That(file.Cases, Is.Empty);
        });
    }
}
