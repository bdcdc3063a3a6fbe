using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Dox.Testing.Servers;

namespace Dox.SharedKernel.Tests.Servers;

public sealed class ClamdServerTests
{
    [Test]
    public async Task The_shared_scanner_finds_the_test_virus_and_nothing_else()
    {
        var scanner = await ClamdServer.SharedAsync();

        Assert.That(await ScanAsync(scanner, TestVirus.ToBytes()), Does.StartWith("stream: ").And.EndWith(" FOUND"));
        Assert.That(await ScanAsync(scanner, "a letter"u8.ToArray()), Is.EqualTo("stream: OK"));
    }

    [Test]
    public async Task A_private_scanner_takes_settings_of_its_own()
    {
        await using var scanner = await ClamdServer.StartPrivateAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["StreamMaxLength"] = "1K" });

        Assert.That(await ScanAsync(scanner, new byte[4096]), Does.Contain("size limit exceeded"));
    }

    [Test]
    public async Task A_private_scanner_goes_away_and_comes_back_at_the_same_address()
    {
        await using var scanner = await ClamdServer.StartPrivateAsync();

        await scanner.StopAsync();
        Assert.That(() => ScanAsync(scanner, TestVirus.ToBytes()), Throws.InstanceOf<SocketException>());
        await scanner.StartAsync();

        Assert.That(await ScanAsync(scanner, TestVirus.ToBytes()), Does.Contain(TestVirus.Name));
        Assert.That((await ClamdServer.FromEnvironmentAsync(scanner.Address)).Address, Is.EqualTo(scanner.Address));
    }

    [TestCase("127.0.0.1:1")]
    [TestCase("/nowhere/clamd.ctl")]
    [TestCase("clamd")]
    public void A_named_scanner_that_does_not_answer_is_an_error(string address)
    {
        Assert.That(() => ClamdServer.FromEnvironmentAsync(address), Throws.InstanceOf<ServerUnavailableException>().With.Message.Contains(address));
    }

    private static async Task<string> ScanAsync(ClamdServer scanner, byte[] content)
    {
        using var socket = scanner.UnixSocket is { } path
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        await (scanner.UnixSocket is { } file ? socket.ConnectAsync(new UnixDomainSocketEndPoint(file)) : socket.ConnectAsync(scanner.Host, scanner.Port));

        var request = new byte[10 + 4 + content.Length + 4];
        "zINSTREAM\0"u8.CopyTo(request);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(10), content.Length);
        content.CopyTo(request, 14);
        await socket.SendAsync(request);

        var reply = new byte[256];
        var length = await socket.ReceiveAsync(reply);
        return Encoding.ASCII.GetString(reply, 0, length).TrimEnd('\0');
    }
}
