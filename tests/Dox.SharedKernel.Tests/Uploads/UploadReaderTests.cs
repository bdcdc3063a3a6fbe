using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Microsoft.Extensions.Time.Testing;
using static Dox.SharedKernel.Tests.Uploads.UploadServer;

namespace Dox.SharedKernel.Tests.Uploads;

public sealed class UploadReaderTests
{
    private const int Limit = 50 * 1024 * 1024;
    private UploadServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await UploadServer.StartAsync(Limit);

    [OneTimeTearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task A_form_gives_the_file_and_its_fields()
    {
        var taken = await _server.SendAsync(Form(Field("account_id", "acme"u8.ToArray()), File("rechnung.pdf"), Field("metadata", "{\"ü\":1}"u8.ToArray())));

        Assert.Multiple(() =>
        {
            Assert.That(taken, Has.Property(nameof(Taken.Status)).EqualTo(200));
            Assert.That(taken.Name, Is.EqualTo("rechnung.pdf"));
            Assert.That(taken.Declared, Is.EqualTo("application/pdf"));
            Assert.That(taken.MediaType, Is.EqualTo("application/pdf"));
            Assert.That(taken.Length, Is.EqualTo(8));
            Assert.That(taken.Fields, Is.EquivalentTo(new Dictionary<string, string>(StringComparer.Ordinal) { ["account_id"] = "acme", ["metadata"] = "{\"ü\":1}" }));
        });
    }

    [TestCase("Content-Disposition", "attachment; filename=\"a b.pdf\"", "")]
    [TestCase("Content-Disposition", "attachment; filename*=UTF-8''a%20b.pdf", "")]
    [TestCase("X-File-Name", "a%20b.pdf", "")]
    [TestCase("X-Other", "-", "?filename=a%20b.pdf")]
    public async Task A_raw_body_takes_its_name_from_a_header_or_the_query(string header, string value, string query)
    {
        var taken = await _server.SendAsync(new ByteArrayContent("%PDF-1.7"u8.ToArray()), change: request =>
        {
            if (header.StartsWith("Content", StringComparison.Ordinal)) request.Content!.Headers.TryAddWithoutValidation(header, value);
            else request.Headers.TryAddWithoutValidation(header, value);
        }, query: query);

        Assert.That((taken.Status, taken.Name, taken.Length), Is.EqualTo((200, "a b.pdf", 8)));
    }

    [Test]
    public async Task The_limit_is_exact_to_the_byte([Values] bool form, [Values] bool chunked)
    {
        Assert.That((await SendAsync(Limit)).Length, Is.EqualTo(Limit));

        var refused = await SendAsync(Limit + 1);
        Assert.That((refused.Status, refused.Code), Is.EqualTo((413, "file_too_large")));

        async Task<Taken> SendAsync(int length)
        {
            var content = new byte[length];
            using HttpContent body = form ? Form(File("a.pdf", content)) : new ByteArrayContent(content);
            return await _server.SendAsync(body, chunked, request => request.Headers.Add("X-File-Name", "a.pdf"));
        }
    }

    [Test]
    public async Task A_content_length_over_the_limit_is_refused_before_the_body_is_sent([Values] bool form)
    {
        var head = form ? "Content-Type: multipart/form-data; boundary=b" : "X-File-Name: a.pdf";
        var answer = await SendRawAsync($"POST / HTTP/1.1\r\nHost: dox\r\n{head}\r\nContent-Length: 90000000\r\n\r\n");

        Assert.That(answer, Does.Contain("\"file_too_large\""));
    }

    [Test]
    public async Task A_body_that_stops_short_is_the_senders_fault()
    {
        var answer = await SendRawAsync("POST / HTTP/1.1\r\nHost: dox\r\nX-File-Name: a.pdf\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");

        Assert.That(answer, Does.Contain("upload_incomplete"));
    }

    [Test]
    public async Task A_form_that_ends_within_a_part_is_the_senders_fault()
    {
        var body = await Form(File("a.pdf")).ReadAsByteArrayAsync();
        using var cut = new ByteArrayContent(body[..^12]);
        cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");

        Assert.That((await _server.SendAsync(cut)).Code, Is.EqualTo("upload_incomplete"));
    }

    private static IEnumerable<TestCaseData<Func<HttpContent>, string>> Refusals()
    {
        yield return Case("no parts", () => Form(), "file_missing");
        yield return Case("fields alone", () => Form(Field("a", "b"u8.ToArray())), "file_missing");
        yield return Case("a browser's empty choice", () => Form(File("", [])), "file_missing");
        yield return Case("a raw body without a name", () => new ByteArrayContent("%PDF-"u8.ToArray()), "file_missing");
        yield return Case("two files", () => Form(File("a.pdf"), File("b.pdf")), "more_than_one_file");
        yield return Case("a second file by another name", () => Form(File("a.pdf"), File("b.pdf", part: "other")), "more_than_one_file");
        yield return Case("a part without a file name", () => Form(Field("file", "x"u8.ToArray())), "file_name_missing");
        yield return Case("NUL in the name", () => Form(File("a\0.pdf")), "bad_file_name");
        yield return Case("NUL hidden in an encoded name", () => Form(File("=?utf-8?B?YQBiLnBkZg==?=")), "bad_file_name");
        yield return Case("a path alone", () => Form(File("../../")), "bad_file_name");
        yield return Case("a long name", () => Form(File(new string('a', 252) + ".pdf")), "file_name_too_long");
        yield return Case("a part without disposition", () => Form(("Content-Type: text/plain", [])), "malformed_multipart");
        yield return Case("headers without end", () => Form(("X: " + new string('x', 20_000), [])), "malformed_multipart");
        yield return Case("a field twice", () => Form(Field("a", []), Field("a", [])), "field_twice");
        yield return Case("a large field", () => Form(Field("a", new byte[70_000])), "field_too_large");
        yield return Case("a field of bytes", () => Form(Field("a", [0xff, 0xfe])), "field_not_text");
        yield return Case("a field with NUL", () => Form(Field("a", [0])), "field_not_text");
        yield return Case("many fields", () => Form([.. Enumerable.Range(0, 40).Select(i => Field($"f{i}", []))]), "too_many_fields");

        static TestCaseData<Func<HttpContent>, string> Case(string name, Func<HttpContent> content, string code) => new(content, code) { TestName = $"Refused with 400: {name}" };
    }

    [TestCaseSource(nameof(Refusals))]
    public async Task Refused_with_400(Func<HttpContent> content, string code)
    {
        var taken = await _server.SendAsync(content());

        Assert.That((taken.Status, taken.Code), Is.EqualTo((400, code)));
    }

    [Test]
    public async Task What_is_refused_after_it_was_staged_does_not_stay()
    {
        await using var server = await UploadServer.StartAsync(100);

        Assert.That((await server.SendAsync(Form(File("a.pdf"), File("b.pdf")))).Status, Is.EqualTo(400));
        Assert.That((await server.SendAsync(Form(File("a.pdf", new byte[101])))).Status, Is.EqualTo(413));
        Assert.That(server.Staged, Is.Empty);
    }

    [Test]
    public async Task No_more_bodies_come_in_at_once_than_may_and_none_for_longer()
    {
        var clock = new FakeTimeProvider();
        await using var server = await UploadServer.StartAsync(100, new UploadOptions { MaxConcurrent = 1, TimeoutSeconds = 30 }, clock);
        using var slow = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await slow.ConnectAsync("127.0.0.1", new Uri(server.Address).Port);
        await slow.SendAsync("POST / HTTP/1.1\r\nHost: dox\r\nX-File-Name: a.pdf\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n"u8.ToArray());
        // Sent when the server starts to read the body
        Assert.That(await ReceiveAsync(slow, "\r\n\r\n"), Does.Contain("100 Continue"));

        var second = await server.SendAsync(Form(File("b.pdf")));
        clock.Advance(TimeSpan.FromSeconds(31));
        var late = await ReceiveAsync(slow, "}");
        var third = await server.SendAsync(Form(File("c.pdf")));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((second.Status, second.Code, second.RetryAfter), Is.EqualTo((503, "too_many_uploads", TimeSpan.FromSeconds(2))));
            Assert.That(late, Does.Contain("\"status\":408").And.Contain("upload_too_slow"));
            Assert.That(third.Status, Is.EqualTo(200), "its place is free again");
        }
    }

    [Test]
    public async Task A_promised_hash_of_the_file_is_checked([Values] bool form)
    {
        var file = "%PDF-1.7"u8.ToArray();
        Assert.That(await CodeAsync(Convert.ToHexString(SHA256.HashData(file))), Is.Null);
        Assert.That(await CodeAsync(Convert.ToHexString(SHA256.HashData([1]))), Is.EqualTo("digest_mismatch"));
        Assert.That(await CodeAsync("abc"), Is.EqualTo("digest_malformed"));

        async Task<string?> CodeAsync(string hash) =>
            (await _server.SendAsync(form ? Form(File("a.pdf", file)) : new ByteArrayContent(file), change: request =>
            {
                request.Headers.Add("X-File-Name", "a.pdf");
                request.Headers.Add("X-Content-SHA256", hash);
            })).Code;
    }

    [Test]
    public async Task A_content_digest_is_checked_over_what_it_stands_for([Values("raw", "form", "part")] string kind, [Values] bool right)
    {
        var file = "%PDF-1.7"u8.ToArray();
        var form = await Form(File("a.pdf", file)).ReadAsByteArrayAsync();
        var digest = $"sha-512=:AAAA:, sha-256=:{Convert.ToBase64String(SHA256.HashData(right ? kind == "form" ? form : file : [1]))}:";
        var (headers, _) = File("a.pdf");
        using HttpContent content = kind switch
        {
            "raw" => new ByteArrayContent(file),
            "form" => Form(File("a.pdf", file)),
            _ => Form(($"{headers}\r\nContent-Digest: {digest}", file)),
        };

        var taken = await _server.SendAsync(content, change: request =>
        {
            request.Headers.Add("X-File-Name", "a.pdf");
            if (kind != "part") request.Headers.TryAddWithoutValidation("Content-Digest", digest);
        });

        Assert.That(taken.Code, right ? Is.Null : Is.EqualTo("digest_mismatch"));
    }

    [Test]
    public async Task A_digest_that_cannot_be_checked_is_not_taken_as_checked()
    {
        var taken = await _server.SendAsync(new ByteArrayContent([1]), change: request =>
        {
            request.Headers.Add("X-File-Name", "a.pdf");
            request.Headers.TryAddWithoutValidation("Content-Digest", "md5=:AAAA:");
        });

        Assert.That(taken.Code, Is.EqualTo("digest_unsupported"));
    }

    private async Task<string> SendRawAsync(string request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", new Uri(_server.Address).Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        return await ReceiveAsync(socket, "}");
    }

    private static async Task<string> ReceiveAsync(Socket socket, string end)
    {
        var answer = "";
        var buffer = new byte[4096];
        for (int read; !answer.Contains(end, StringComparison.Ordinal) && (read = await socket.ReceiveAsync(buffer)) > 0;)
            answer += Encoding.UTF8.GetString(buffer, 0, read);
        return answer;
    }
}
