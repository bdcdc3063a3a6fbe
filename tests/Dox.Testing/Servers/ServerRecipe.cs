namespace Dox.Testing.Servers;

/// <summary>What it takes to run one kind of server, in a container or from a binary of this machine.</summary>
internal sealed record ServerRecipe
{
    public required string Name { get; init; }

    /// <summary>What to install where neither Docker nor the binary is there: the end of "install …".</summary>
    public required string Install { get; init; }

    public required string Image { get; init; }

    public required int ContainerPort { get; init; }

    public IReadOnlyDictionary<string, string> ContainerEnvironment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> ContainerFiles { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The folder in the container that stands for the one of a binary.</summary>
    public string ContainerFolder { get; init; } = "";

    /// <summary>The container's entry point; empty leaves the image's own.</summary>
    public IReadOnlyList<string> ContainerEntrypoint { get; init; } = [];

    public IReadOnlyList<string> ContainerCommand { get; init; } = [];

    /// <summary>The server's program on this machine, or null.</summary>
    public required Func<string?> FindBinary { get; init; }

    /// <summary>Prepares a folder (cluster, configuration) and returns the command that serves it on a port of 127.0.0.1.</summary>
    public required Func<ServerFolder, string, int, Task<IReadOnlyList<string>>> PrepareAsync { get; init; }

    /// <summary>Whether the program refuses to run as root; it then runs as the first of these users that exists.</summary>
    public IReadOnlyList<string> UsersInsteadOfRoot { get; init; } = [];

    public required Func<string, int, CancellationToken, Task<bool>> IsReadyAsync { get; init; }

    /// <summary>The signal that asks for an orderly stop.</summary>
    public string StopSignal { get; init; } = "TERM";

    /// <summary>The signal that ends a server nobody will start again: the quickest that leaves no process behind.</summary>
    public string EndSignal { get; init; } = "TERM";

    public override string ToString() => Name;
}
