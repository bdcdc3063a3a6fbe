using Npgsql;

namespace Dox.Orchestration.Data;

/// <summary>
/// A session of the database that is kept for one purpose, with settings or locks of its own. The pool hands sessions on as they are: this one
/// goes back without either.
/// </summary>
internal static class OwnSession
{
    private const int SecondsToReset = 5;

    /// <summary>Whose advisory locks say that this process lives: the server notices a process that is gone at once, a host that is lost within seconds.</summary>
    public const string NoticesLoss =
        "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 10000; SET client_connection_check_interval = 1000";

    public static async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource database, string settings, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
#pragma warning disable CA2100 // constants of their users
            await using var set = new NpgsqlCommand(settings, connection);
#pragma warning restore CA2100
            await set.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await CloseAsync(connection);
            throw;
        }
    }

    /// <summary>Gives it back. One that is broken is gone, and its locks and settings with it.</summary>
    public static async ValueTask CloseAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var reset = new NpgsqlCommand("SELECT pg_advisory_unlock_all(); RESET ALL", connection) { CommandTimeout = SecondsToReset };
            await reset.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            NpgsqlConnection.ClearPool(connection);
        }

        await connection.DisposeAsync();
    }
}
