using System.Text.Json.Nodes;
using Dox.TeamCoordination.MemoryBanks;

namespace Dox.TeamCoordination.Tests.MemoryBanks;

internal sealed class BankMergeTests
{
    [TestCase("""{"n":4}""", """{"n":"+1"}""", """{"n":5}""", TestName = "A_plus_adds_to_the_number_that_stands_there")]
    [TestCase("""{}""", """{"n":"+2.5"}""", """{"n":2.5}""", TestName = "Counting_starts_from_nothing")]
    [TestCase("""{"n":0.1}""", """{"n":"+0.2"}""", """{"n":0.3}""", TestName = "Sums_of_decimals_are_exact")]
    [TestCase("""{"n":"7"}""", """{"n":"+1"}""", """{"n":8}""", TestName = "A_number_that_was_written_as_text_counts")]
    [TestCase("""{"n":"none"}""", """{"n":"+1"}""", """{"n":1}""", TestName = "Where_no_number_stands_counting_starts_anew")]
    [TestCase("""{"n":1e300}""", """{"n":"+1"}""", """{"n":1E+300}""", TestName = "A_number_beyond_decimals_is_added_to_all_the_same")]
    [TestCase("""{"n":9007199254740993}""", """{"n":"+1"}""", """{"n":9007199254740994}""", TestName = "Whole_numbers_beyond_doubles_stay_exact")]
    [TestCase("""{"a":{"x":1,"y":2}}""", """{"a":{"y":"+1","z":3}}""", """{"a":{"x":1,"y":3,"z":3}}""", TestName = "Maps_merge_and_add_inside")]
    [TestCase("""{"a":5}""", """{"a":{"x":"+1"}}""", """{"a":{"x":1}}""", TestName = "A_map_takes_the_place_of_what_is_none")]
    [TestCase("""{"a":[1],"b":1}""", """{"a":[2],"b":null}""", """{"a":[2],"b":null}""", TestName = "Other_values_replace")]
    [TestCase("""{"a":1}""", """{"b":"+ 1"}""", """{"a":1,"b":"+ 1"}""", TestName = "Text_that_is_no_increment_is_text")]
    [TestCase("""{"log":[1]}""", """{"entry":{"x":1}}""", """{"log":[1,{"x":1}]}""", TestName = "An_entry_is_appended")]
    [TestCase("""{}""", """{"entry":[1,2]}""", """{"log":[1,2]}""", TestName = "A_list_of_entries_is_appended_one_by_one")]
    [TestCase("""{"n":1}""", """{"increment":"n"}""", """{"n":2}""", TestName = "Increment_names_what_to_add_one_to")]
    public void An_update_is_applied(string before, string update, string after)
    {
        var root = JsonNode.Parse(before)!.AsObject();
        BankMerge.Apply(root, JsonNode.Parse(update)!.AsObject(), "log");
        Assert.That(root.ToJsonString(), Is.EqualTo(JsonNode.Parse(after)!.ToJsonString()));
    }

    [Test]
    public void Long_lists_lose_their_oldest_entries()
    {
        var root = new JsonObject();
        for (var i = 0; i < BankMerge.KeepEntries + 5; i++) BankMerge.Append(root, "events", i);
        var events = root["events"]!.AsArray();
        Assert.That((events.Count, (int)events[0]!), Is.EqualTo((BankMerge.KeepEntries, 5)));
    }

    [Test]
    public void What_others_wrote_stays_as_they_wrote_it()
    {
        var document = BankDocument.TryParse("\uFEFF{\"ünïcode\":\"日本\",\"big\":1.50,\"_dox\":{\"theirs\":true},}"u8, out _)!;
        document.SetApplied("here", 3, DateTimeOffset.UnixEpoch);
        var again = BankDocument.TryParse(document.ToBytes(), out _)!;
        Assert.That(System.Text.Encoding.UTF8.GetString(document.ToBytes()), Does.Contain("\"ünïcode\": \"日本\"").And.Contain("1.50").And.Contain("\"theirs\": true"));
        Assert.That((again.AppliedOf("here"), again.AppliedOf("elsewhere")), Is.EqualTo((3L, (long?)null)));
    }

    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("")]
    [TestCase("""{"a":1,"a":2}""")]
    public void What_is_no_json_object_is_broken(string content)
    {
        Assert.That(BankDocument.TryParse(System.Text.Encoding.UTF8.GetBytes(content), out var problem), Is.Null);
        Assert.That(problem, Is.Not.Empty);
    }

    [TestCase("SUPERVISOR.json", "SUPERVISOR.json")]
    [TestCase("SUPERVISOR", "SUPERVISOR.json")]
    [TestCase("TEAM_DOCUMENT.json", "TEAM_Document.json")]
    [TestCase("TEAM_Unknown.json", "TEAM_Unknown.json")]
    [TestCase("SERVICE_All Upload Services.json", "SERVICE_All Upload Services.json")]
    [TestCase("../SUPERVISOR.json", null)]
    [TestCase("TEAM_../x.json", null)]
    [TestCase("TEAM_.json", null)]
    [TestCase("SERVICE_a/b.json", null)]
    [TestCase("passwords.json", null)]
    [TestCase("SUPERVISOR.json\n", null)]
    public void Only_names_of_banks_are_taken(string name, string? bank) => Assert.That(BankName.Find(name, ["Document"]), Is.EqualTo(bank));

    [TestCase("TEAM_*.json (for each team)", "TEAM_Document.json,TEAM_Data.json")]
    [TestCase("TEAM_*.json", "TEAM_Document.json,TEAM_Data.json")]
    [TestCase("TEAM_[DATA|Other].json", "TEAM_Data.json,TEAM_Other.json")]
    [TestCase("TEAM_[Data|../x].json", "")]
    [TestCase("SERVICE_*.json", "")]
    [TestCase("SUPERVISOR.json", "SUPERVISOR.json")]
    public void A_rule_may_mean_several_teams(string name, string banks) => Assert.That(string.Join(',', BankName.FindAll(name, ["Document", "Data"])), Is.EqualTo(banks));
}
