using Dox.TeamCoordination.Reviews;
using Dox.TeamCoordination.Teams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Dox.TeamCoordination.Tests.Teams;

internal sealed class TeamOptionsTests
{
    [Test]
    public void Without_configuration_there_are_seven_teams() => Assert.That(Options<TeamOptions>([]).Teams, Has.Count.EqualTo(7));

    [Test]
    public void Configured_teams_take_the_place_of_the_seven()
    {
        var options = Options<TeamOptions>([("Dox:Teams:0:Name", "Claims"), ("Dox:Teams:0:Services:0", "claims-service"), ("Dox:DefaultTeam", "Claims")]);
        Assert.That(options.Teams.Select(t => (t.Name, t.Services.Single())), Is.EqualTo(new[] { ("Claims", "claims-service") }));
    }

    [TestCase("Dox:Teams:0:Name", "../x", "can't name a team")]
    [TestCase("Dox:DefaultTeam", "Nobody", "Dox:DefaultTeam is 'Nobody'")]
    public void A_team_that_cannot_be_stops_the_start(string key, string value, string problem) =>
        Assert.That(() => Options<TeamOptions>([(key, value)]), Throws.InstanceOf<OptionsValidationException>().With.Message.Contains(problem));

    [Test]
    public void A_service_has_one_owner() => Assert.That(
        () => Options<TeamOptions>([("Dox:Teams:0:Name", "Document"), ("Dox:Teams:0:Services:0", "s"), ("Dox:Teams:1:Name", "Data"), ("Dox:Teams:1:Services:0", "S")]),
        Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("belongs to Document and Data"));

    [Test]
    public void A_claim_that_holds_for_no_time_stops_the_start() =>
        Assert.That(() => Options<ReviewOptions>([("Dox:Reviews:ClaimLease", "00:00:01")]), Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("Dox:Reviews:ClaimLease"));

    private static TOptions Options<TOptions>((string Key, string Value)[] settings)
        where TOptions : class
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)).Append(KeyValuePair.Create("Dox:Database:ConnectionString", (string?)"Host=nowhere")));
        new TeamCoordinationModule().AddServices(builder);
        using var services = builder.Services.BuildServiceProvider();
        return services.GetRequiredService<IOptions<TOptions>>().Value;
    }
}
