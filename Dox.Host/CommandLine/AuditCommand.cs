using System.CommandLine;
using Dox.Host.CommandLine.Rules;
using Dox.SharedKernel.Infrastructure.Audit;

namespace Dox.Host.CommandLine;

internal static class AuditCommand
{
    public static Command Create(Func<DoxSetup, WebApplication> build)
    {
        var output = RuleOutput.Option();
        var verify = new Command("verify", "Check the hash chains of all journals, and of the audit itself, on the configured database. 0 where all is as it was written, else 1.") { output };
        verify.SetAction(async (result, cancellation) =>
        {
            var console = result.InvocationConfiguration;
            await using var app = build(new DoxSetup { Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Logging:LogLevel:Default"] = "Error" } });
            var (broken, summaries) = (new List<object>(), new List<object>());
            foreach (var check in app.Services.GetServices<IChainCheck>())
            {
                await foreach (var finding in check.CheckAsync(cancellation))
                {
                    if (finding.Problem is null) summaries.Add(new { Checked = check.Name, finding.Chains, finding.Entries, finding.Head, finding.Note });
                    else broken.Add(new { In = check.Name, finding.Chain, finding.Position, finding.Problem });
                    if (result.GetValue(output) == "table") await console.Output.WriteLineAsync(Line(check, finding));
                }
            }

            if (result.GetValue(output) == "json") await RuleOutput.WriteJsonAsync(console.Output, new { valid = broken.Count == 0, broken, summaries });
            else await console.Output.WriteLineAsync(broken.Count == 0 ? "All is as it was written." : $"{broken.Count} broken.");
            return broken.Count == 0 ? 0 : 1;
        });
        return new Command("audit", "The record of who changed what.") { verify };
    }

    private static string Line(IChainCheck check, ChainFinding finding) => finding.Note is not null ? $"{check.Name}: {finding.Note}"
        : finding.Problem is null
        ? $"{check.Name}: {finding.Entries} entries in {finding.Chains} chain{(finding.Chains == 1 ? "" : "s")} read{(string.IsNullOrEmpty(finding.Head) ? "" : $", the last hash is {finding.Head}")}"
        : $"{check.Name}: {finding.Chain}{(finding.Position == 0 ? "" : $", entry {finding.Position}")}: {finding.Problem}";
}
