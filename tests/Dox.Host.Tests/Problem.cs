using System.Net;
using System.Text.Json;

namespace Dox.Host.Tests;

/// <summary>Reads answers that should be problems.</summary>
internal static class Problem
{
    /// <summary>The problem in the answer, once it has the status, the code, and all that a problem must have.</summary>
    public static async Task<JsonElement> ShouldBeProblem(this HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(status), body);
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), body);
        var problem = JsonDocument.Parse(body).RootElement;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(problem.GetProperty("code").GetString(), Is.EqualTo(code), body);
            Assert.That(problem.GetProperty("error").GetString(), Is.EqualTo(code), body);
            Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo($"urn:dox:problem:{code}"), body);
            Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo((int)status), body);
            Assert.That(problem.GetProperty("detail").GetString(), Is.Not.Empty, body);
            Assert.That(problem.GetProperty("message").GetString(), Is.Not.Empty, body);
            Assert.That(problem.GetProperty("details").ValueKind, Is.EqualTo(JsonValueKind.Object), body);
            Assert.That(problem.GetProperty("timestamp").GetDateTimeOffset(), Is.GreaterThan(DateTimeOffset.UnixEpoch), body);
            Assert.That(problem.GetProperty("request_id").GetString(), Is.EqualTo(answer.Headers.GetValues("X-Request-ID").Single()), body);
        }

        return problem;
    }
}
