using System.CommandLine;

namespace Dox.Host.CommandLine;

internal static class RunCommand
{
    private static readonly Dictionary<string, string?> NoSettings = new(StringComparer.Ordinal);

    public static void Configure(Command command, ApplicationFactory build)
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

            await using var app = build([.. result.UnmatchedTokens], NoSettings);
            await app.RunAsync(cancellation);
            return 0;
        });
    }

    private static bool IsSetting(string token) => token.StartsWith("--", StringComparison.Ordinal) && token.Contains('=', StringComparison.Ordinal);
}
