namespace Dox.Host.Configuration;

/// <summary>
/// Configuration from the flat variables among <paramref name="variables"/>. What is wrong with them is collected, so that all of it is told at once.
/// </summary>
internal sealed class FlatVariableSource(IReadOnlyDictionary<string, string?> variables, ICollection<string> problems) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(variables, problems);

    /// <summary>The variable's text, from itself or from the file that its <c>…_FILE</c> names; null where it isn't set.</summary>
    public static string? TextOf(FlatVariable variable, IReadOnlyDictionary<string, string?> variables, ICollection<string> problems)
    {
        var text = Set(variables, variable.Name);
        if (!variable.Secret || Set(variables, variable.FileName) is not { } path) return text;
        if (text is not null)
        {
            problems.Add($"{variable.Name} and {variable.FileName} are both set; leave one out.");
            return null;
        }

        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add($"{variable.FileName} names '{path}', which can't be read: {e.Message}");
            return null;
        }
    }

    // Compose and Kubernetes set variables that nobody filled in to nothing.
    private static string? Set(IReadOnlyDictionary<string, string?> variables, string name) =>
        variables.TryGetValue(name, out var value) && !string.IsNullOrWhiteSpace(value) ? value : null;

    private sealed class Provider(IReadOnlyDictionary<string, string?> variables, ICollection<string> problems) : ConfigurationProvider
    {
        public override void Load()
        {
            foreach (var variable in FlatVariables.All)
            {
                if (TextOf(variable, variables, problems) is not { } text) continue;
                var values = variable.Read(text, out var problem);
                foreach (var (key, value) in values) Data[key] = value;
                if (problem is not null) problems.Add(problem);
            }
        }
    }
}
