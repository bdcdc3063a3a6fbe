using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.TeamCoordination;
using Dox.TeamCoordination.Contracts;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.Hosting;

[TestFixture(DatabaseProvider.Sqlite, TransportKind.InProcess)]
[TestFixture(DatabaseProvider.PostgreSql, TransportKind.InProcess)]
[TestFixture(DatabaseProvider.Sqlite, TransportKind.Redis)]
[TestFixture(DatabaseProvider.PostgreSql, TransportKind.Redis)]
public sealed class HostFixtureTests(DatabaseProvider database, TransportKind transport)
{
    [Test]
    public async Task What_was_sent_is_there_after_a_restart_and_gone_with_the_fixture()
    {
        var id = Id<Review>.New(TimeProvider.System);
        string folder;
        await using (var host = await DoxHostFixture.StartAsync(database, transport, new TeamCoordinationModule()))
        {
            folder = host.DataFolder;
            await host.SendAsync(new OpenReview(
                id, Id<Workflow>.New(TimeProvider.System), "a_rule", "a_step", 1, null, "default", "Document", "Look", "Look at this.", JsonDocument.Parse("{}").RootElement));
            await host.WhenQuiet();
            await host.StopAsync();
            await host.StartAgainAsync();

            using var ready = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            var review = await host.Client.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/reviews/{id}", UriKind.Relative));
            Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(review.ToString(), Does.Contain("Look at this."));
            Assert.That(host.Logs.StackTraces, Is.Empty);
        }

        Assert.That(Directory.Exists(folder), Is.False);
    }
}
