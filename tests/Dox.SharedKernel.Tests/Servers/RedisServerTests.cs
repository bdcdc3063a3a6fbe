using Dox.Testing.Servers;
using StackExchange.Redis;

namespace Dox.SharedKernel.Tests.Servers;

public sealed class RedisServerTests
{
    [Test]
    public async Task The_shared_server_takes_streams_under_a_prefix_of_the_test_s_own()
    {
        var server = await RedisServer.SharedAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var (mine, other) = (RedisServer.NewPrefix(), RedisServer.NewPrefix());

        await redis.GetDatabase().StreamAddAsync($"{mine}:cmd", "body", "1");

        Assert.That(mine, Is.Not.EqualTo(other));
        Assert.That(await redis.GetDatabase().StreamLengthAsync($"{mine}:cmd"), Is.EqualTo(1));
        Assert.That(await redis.GetDatabase().KeyExistsAsync($"{other}:cmd"), Is.False);
    }

    [TestCase("no", ExpectedResult = false)]
    [TestCase("yes", ExpectedResult = true)]
    public async Task<bool> What_a_private_server_remembers_after_a_restart_is_the_test_s_choice(string appendOnly)
    {
        await using var server = await RedisServer.StartPrivateAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["appendonly"] = appendOnly });
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration))
            await redis.GetDatabase().StringSetAsync("kept", "1");

        await server.StopAsync();
        Assert.That(async () => await ConnectionMultiplexer.ConnectAsync($"{server.Configuration},connectRetry=0,connectTimeout=500"), Throws.InstanceOf<RedisConnectionException>());
        await server.StartAsync();

        await using var again = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        return await again.GetDatabase().KeyExistsAsync("kept");
    }

    [Test]
    public async Task A_server_with_a_password_can_be_named()
    {
        await using var server = await RedisServer.StartPrivateAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["requirepass"] = "secret" });

        var named = await RedisServer.FromEnvironmentAsync($"{server.Host}:{server.Port},password=secret");

        Assert.That((named.Host, named.Port, named.Password), Is.EqualTo((server.Host, server.Port, "secret")));
        Assert.That(
            () => RedisServer.FromEnvironmentAsync($"{server.Host}:{server.Port},connectRetry=0,connectTimeout=500"),
            Throws.InstanceOf<ServerUnavailableException>().With.Message.Contains("DOX_TEST_REDIS"));
    }

    [Test]
    public void A_server_that_ends_at_once_shows_its_log()
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal) { ["maxmemory-policy"] = "nonsense" };

        Assert.That(() => RedisServer.StartPrivateAsync(settings), Throws.InstanceOf<ServerUnavailableException>().With.Message.Contains("nonsense"));
    }
}
