using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Dox.Testing.Processes;

/// <summary>DOX in a process of its own, as it is deployed: started by its command, configured by variables, killed when a test says so.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private HostProcess(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = address, Timeout = s_patience };
    }

    public HttpClient Client { get; }

    /// <summary>What it wrote so far.</summary>
    public string Output => string.Join(Environment.NewLine, _output);

    /// <summary>The memory that it holds now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Its own id, and those of the processes that it started and that still run. Linux alone.</summary>
    public IReadOnlyList<int> ProcessIds
    {
        get
        {
            var parent = _process.Id.ToString(CultureInfo.InvariantCulture);
            var children = new DirectoryInfo("/proc").EnumerateDirectories().Where(d => char.IsAsciiDigit(d.Name[0]) && ParentOf(d) == parent);
            return [_process.Id, .. children.Select(d => int.Parse(d.Name, CultureInfo.InvariantCulture)).Order()];
        }
    }

    /// <summary>Starts it and returns once it is ready.</summary>
    /// <param name="variables">Its environment, beside what every test process gets.</param>
    /// <param name="folder">Where the program lies; null: beside the tests.</param>
    public static async Task<HostProcess> StartAsync(IReadOnlyDictionary<string, string?> variables, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder ?? AppContext.BaseDirectory, "Dox.Host.dll"), "run"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SERVICE_ENV"] = "development";
        start.Environment["SERVICE_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["Dox__Http__Address"] = "127.0.0.1";
        start.Environment["LOG_LEVEL"] = "warning";
        foreach (var (name, value) in variables) start.Environment[name] = value;

        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet didn't start.");
        var host = new HostProcess(process, new Uri($"http://127.0.0.1:{port}"));
        process.OutputDataReceived += (_, line) => host.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => host.Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await host.WhenReadyAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does: nothing is drained, released or said.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as an orchestrator does, and says how long that took.</summary>
    public async Task<TimeSpan> StopAsync()
    {
        var watch = Stopwatch.StartNew();
        using var term = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        using var limit = new CancellationTokenSource(s_patience);
        await _process.WaitForExitAsync(limit.Token);
        return watch.Elapsed;
    }

    /// <summary>Returns once it is ready to work; says what it wrote where it ended instead, or isn't ready in a minute.</summary>
    public async Task WhenReadyAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await look.WaitForNextTickAsync(CancellationToken.None))
        {
            if (_process.HasExited) throw new InvalidOperationException($"DOX ended with {_process.ExitCode} before it was ready:{Environment.NewLine}{Output}");
            if (limit.IsCancellationRequested) throw new TimeoutException($"DOX wasn't ready in {s_patience.TotalSeconds} s:{Environment.NewLine}{Output}");
            if (await IsReadyAsync(limit.Token)) return;
        }
    }

    /// <summary>Returns once it wrote this; says what it wrote where it ended instead, or didn't in that time.</summary>
    public async Task WhenItSaysAsync(string text, TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            if (_process.HasExited) throw new InvalidOperationException($"DOX ended with {_process.ExitCode}:{Environment.NewLine}{Output}");
            if (limit.IsCancellationRequested) throw new TimeoutException($"DOX didn't say '{text}' in {within.TotalSeconds} s:{Environment.NewLine}{Output}");
            await look.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Client.GetAsync("/health/ready", cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is not null) _output.Enqueue(line);
    }

    // "4711 (a name) S 42 …": a name may hold anything, so what counts stands behind its last bracket
    private static string? ParentOf(DirectoryInfo process)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(process.FullName, "stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1];
        }
        catch (IOException)
        {
            return null; // It ended meanwhile
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
