using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dox.Testing.Servers;

/// <summary>A server's binary, run on a free port of 127.0.0.1 with a temporary folder.</summary>
internal sealed class LocalServer : IServerRun
{
    // The server hangs on this script, and the script on its standard input, which only this process holds open: whatever ends this
    // process, kill -9 too, closes it, and with that the server ends and its folder goes. A line on it is a signal to send instead.
    // The script lets go of the standard output that it inherited: a test runner waits until everybody has closed that.
    private const string Leash = """
        exec 3<&0 >/dev/null 2>&1
        trap '' INT HUP TERM
        folder=$1 end=$2
        shift 2
        "$@" </dev/null >>"$folder/server.log" 2>&1 3<&- &
        server=$!
        {
          if read -r signal <&3; then kill "-$signal" "$server"
          else : >"$folder/abandoned"; kill "-$end" "$server"; fi
        } &
        leash=$!
        wait "$server"
        kill "$leash"
        [ -e "$folder/abandoned" ] && rm -rf "$folder"
        """;

    private readonly ServerRecipe _recipe;
    private readonly ServerFolder _folder;
    private readonly IReadOnlyList<string> _command;
    private Process? _leash;

    private LocalServer(ServerRecipe recipe, ServerFolder folder, int port, IReadOnlyList<string> command) =>
        (_recipe, _folder, Port, _command) = (recipe, folder, port, command);

    public string Host => "127.0.0.1";

    internal string Folder => _folder.Path;

    public int Port { get; }

    public static async Task<LocalServer> PrepareAsync(ServerRecipe recipe, string binary)
    {
        var folder = await ServerFolder.CreateAsync(recipe.UsersInsteadOfRoot);
        var port = FreePort();
        return new LocalServer(recipe, folder, port, await recipe.PrepareAsync(folder, binary, port));
    }

    public Task LaunchAsync(CancellationToken cancellationToken)
    {
        _leash?.Dispose();
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = _folder.Path };
        foreach (var argument in (string[])["-c", Leash, "sh", _folder.Path, _recipe.EndSignal, .. _folder.AsOwner(_command)])
            start.ArgumentList.Add(argument);
        _leash = Process.Start(start);
        return Task.CompletedTask;
    }

    public Task<bool> HasExitedAsync() => Task.FromResult(_leash is null or { HasExited: true });

    public async Task EndAsync(string signal, CancellationToken cancellationToken)
    {
        if (_leash is null or { HasExited: true })
            return;
        await _leash.StandardInput.WriteLineAsync(signal.AsMemory(), cancellationToken);
        await _leash.StandardInput.FlushAsync(cancellationToken);
        await _leash.WaitForExitAsync(cancellationToken);
    }

    public Task WriteAsync(string file, string content) => _folder.WriteAsync(file, content);

    public async Task<string> ReadLogAsync()
    {
        var log = Path.Combine(_folder.Path, "server.log");
        return File.Exists(log) ? await File.ReadAllTextAsync(log) : "";
    }

    public async ValueTask DisposeAsync()
    {
        if (_leash is { HasExited: false })
        {
            _leash.StandardInput.Close();
            await _leash.WaitForExitAsync();
        }

        _leash?.Dispose();
        _folder.Delete();
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
