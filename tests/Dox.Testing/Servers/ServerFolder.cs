namespace Dox.Testing.Servers;

/// <summary>The temporary folder of a server, and the user that the server runs as.</summary>
internal sealed class ServerFolder
{
    private readonly IReadOnlyList<string> _runAs;

    private ServerFolder(string path, IReadOnlyList<string> runAs) => (Path, _runAs) = (path, runAs);

    public string Path { get; }

    public static async Task<ServerFolder> CreateAsync(IReadOnlyList<string> usersInsteadOfRoot)
    {
        var path = Directory.CreateTempSubdirectory("dox-test-").FullName;
        if (usersInsteadOfRoot.Count == 0 || !Environment.IsPrivilegedProcess)
            return new ServerFolder(path, []);

        var (user, group) = await FindUserAsync(usersInsteadOfRoot);
        await Tool.RunAsync(["chown", $"{user}:{group}", path]);
        return new ServerFolder(path, ["setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups"]);
    }

    /// <summary>The command as the folder's owner runs it.</summary>
    public IReadOnlyList<string> AsOwner(IReadOnlyList<string> command) => [.. _runAs, .. command];

    public async Task<string> WriteAsync(string name, string content)
    {
        var file = System.IO.Path.Combine(Path, name);
        await File.WriteAllTextAsync(file, content);
        return file;
    }

    public string CreateFolder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    /// <summary>Deletes it. A server that is just ending may write once more in between; what then stays is left to the system's own clean-up.</summary>
    public void Delete()
    {
        const int attempts = 5;
        for (var attempt = 0; attempt < attempts && Directory.Exists(Path); attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException)
            {
                // Something was written between the listing and the deletion.
            }
        }
    }

    private static async Task<(string User, string Group)> FindUserAsync(IReadOnlyList<string> names)
    {
        var entries = (await File.ReadAllLinesAsync("/etc/passwd")).Select(line => line.Split(':')).Where(entry => entry.Length > 3).ToList();
        var found = names.Select(name => entries.Find(entry => entry[0] == name)).FirstOrDefault(entry => entry is not null)
            ?? throw new InvalidOperationException($"This runs as root, which the server refuses, and none of the users {string.Join(", ", names)} exists.");
        return (found[2], found[3]);
    }
}
