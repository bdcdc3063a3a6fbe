namespace Dox.Testing.Servers;

/// <summary>One server that this process started: a container, or a process of this machine. Its address stays over stop and start.</summary>
internal interface IServerRun : IAsyncDisposable
{
    string Host { get; }

    int Port { get; }

    /// <summary>Whether it has ended by itself or been stopped.</summary>
    Task<bool> HasExitedAsync();

    Task LaunchAsync(CancellationToken cancellationToken);

    /// <summary>Sends a signal (TERM, KILL, …) and waits until the server has ended.</summary>
    Task EndAsync(string signal, CancellationToken cancellationToken);

    /// <summary>Writes a file of the server's, named as it is in its folder.</summary>
    Task WriteAsync(string file, string content);

    Task<string> ReadLogAsync();
}
