using Npgsql;

namespace Dox.Orchestration.Data;

/// <summary>A connection whose advisory locks say that this process lives: the server notices a process that is gone at once, a host that is lost within seconds.</summary>
internal static class LockSession
{
    private const string NoticeLoss =
        "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 10000; SET client_connection_check_interval = 1000";

    public static async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var notice = new NpgsqlCommand(NoticeLoss, connection);
            await notice.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
