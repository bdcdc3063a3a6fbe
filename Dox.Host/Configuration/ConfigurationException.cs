namespace Dox.Host.Configuration;

/// <summary>DOX can't start as it is configured: everything that is wrong, in one message.</summary>
internal sealed class ConfigurationException(IReadOnlyList<string> problems)
    : Exception("DOX can't start as it is configured:\n- " + string.Join("\n- ", problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
