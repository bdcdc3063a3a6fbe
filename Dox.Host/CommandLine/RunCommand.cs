using System.CommandLine;

namespace Dox.Host.CommandLine;

internal static class RunCommand
{
    public static void Configure(Command command, Func<DoxSetup, WebApplication> build)
    {
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (result, cancellation) =>
        {
            if (result.UnmatchedTokens.FirstOrDefault(token => !IsSetting(token)) is { } stranger)
            {
                await result.InvocationConfiguration.Error.WriteLineAsync(
                    $"'{stranger}' is neither a command nor a setting of the form --Name=value. 'dox --help' lists the commands.");
                return 2;
            }

            await using var app = build(new DoxSetup { Arguments = [.. result.UnmatchedTokens] });
            await app.RunAsync(cancellation);
            return 0;
        });
    }

    private static bool IsSetting(string token) => token.StartsWith("--", StringComparison.Ordinal) && token.Contains('=', StringComparison.Ordinal);
}
