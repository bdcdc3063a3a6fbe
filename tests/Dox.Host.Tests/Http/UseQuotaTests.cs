using System.Net;
using System.Net.Http.Json;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.Http;

public sealed class UseQuotaTests
{
    [Test]
    public async Task Starts_and_recognitions_have_quotas_of_their_own_and_say_what_is_left()
    {
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                ["Dox:Validation:RateLimit:WorkflowStartsPerUserPerDay"] = "2",
                ["Dox:Validation:RateLimit:RecognitionsPerUserPerDay"] = "1",
            },
        });

        // What is asked for isn't there: a call counts whatever becomes of it
        var starts = await AskAsync(host, "/api/v1/workflows", new { rule_name = "nothing" }, 3);
        var recognitions = await AskAsync(host, "/api/v1/recognize", new { document_id = "doc_0193e4a1b2c37d4e8f9a0b1c2d3e4f50" }, 2);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(starts.Select(a => a.Status), Is.EqualTo([HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.TooManyRequests]));
            Assert.That(starts.Select(a => a.Remaining), Is.EqualTo(["1", "0", "0"]));
            Assert.That(starts[^1].RetryAfter, Is.InRange(TimeSpan.FromHours(23), TimeSpan.FromHours(24)));
            Assert.That(recognitions.Select(a => a.Status), Is.EqualTo([HttpStatusCode.NotFound, HttpStatusCode.TooManyRequests]));
        }
    }

    private static async Task<List<(HttpStatusCode Status, string? Remaining, TimeSpan? RetryAfter)>> AskAsync(DoxHostFixture host, string path, object body, int times)
    {
        var answers = new List<(HttpStatusCode, string?, TimeSpan?)>();
        for (var i = 0; i < times; i++)
        {
            using var answer = await host.Client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
            answers.Add((answer.StatusCode, answer.Headers.TryGetValues("X-RateLimit-Remaining", out var left) ? left.Single() : null, answer.Headers.RetryAfter?.Delta));
        }

        return answers;
    }
}
