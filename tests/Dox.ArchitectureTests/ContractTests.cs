using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.ArchitectureTests.Rules;
using Dox.SharedKernel;
using Dox.SharedKernel.Messages;
using Dox.Testing;
using MediatR;
using Bad = Dox.ArchitectureTests.BadModule;

namespace Dox.ArchitectureTests;

/// <summary>What is on the wire. A change of it shows as a change of a file in <c>Contracts/</c>; DOX_WRITE_CONTRACTS=1 writes them.</summary>
public sealed class ContractTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Dox.ArchitectureTests", "Contracts");
    private static readonly JsonSerializerOptions Indented = new(DoxJson.Options) { WriteIndented = true };

    private static IEnumerable<Type> Messages() => Product.Contracts.SelectMany(c => c.GetTypes()).Where(ContractRules.IsMessage);

    private static IEnumerable<TestCaseData> MessageCases() => Messages().Select(m => new TestCaseData(m).SetArgDisplayNames(NameOf(m)));

    private static IEnumerable<TestCaseData> Assemblies() => Product.Contracts.Select(c => new TestCaseData(c).SetArgDisplayNames(c.GetName().Name!));

    [TestCaseSource(nameof(Assemblies))]
    public void Holds_sealed_records_and_enums_that_can_be_sent(Assembly contracts) => Assert.That(ContractRules.Shapes(contracts), Is.Empty);

    [Test]
    public void Wire_names_are_there_and_unique() => Assert.That(ContractRules.WireNames(Product.Contracts), Is.Empty);

    [TestCaseSource(nameof(MessageCases))]
    public void Is_on_the_wire_as_it_was(Type message)
    {
        var file = Path.Combine(Folder, NameOf(message) + ".json");
        var sample = SampleOf(message).ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("DOX_WRITE_CONTRACTS") == "1") File.WriteAllText(file, sample);

        Assert.That(File.Exists(file), Is.True, $"{file} is missing: run this test with DOX_WRITE_CONTRACTS=1, and look at what it writes.");
        Assert.That(sample, Is.EqualTo(File.ReadAllText(file)), "The wire format changed. An additive change keeps the version: run with DOX_WRITE_CONTRACTS=1. Any other gets the next version beside the old.");
    }

    [TestCaseSource(nameof(MessageCases))]
    public void Comes_back_from_the_wire_as_it_went(Type message)
    {
        foreach (var type in new[] { message, AnswerOf(message) }.Where(t => t is not null && t != typeof(Unit)))
        {
            var sent = JsonSerializer.Serialize(Samples.Of(type!), type!, DoxJson.Options);
            Assert.That(JsonSerializer.Serialize(JsonSerializer.Deserialize(sent, type!, DoxJson.Options), type!, DoxJson.Options), Is.EqualTo(sent));
        }
    }

    [Test]
    public void Nothing_is_kept_of_messages_that_are_gone() =>
        Assert.That(Directory.GetFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)), Is.EquivalentTo(Messages().Select(NameOf)));

    [Test]
    public void Contract_that_can_not_be_sent_is_found()
    {
        var found = ContractRules.Shapes(typeof(Bad.RuleBreaker).Assembly);

        Assert.That(found, Has.One.Contains($"{nameof(Bad.OpenContract)} is no sealed record."));
        Assert.That(found, Has.One.Contains($"{nameof(Bad.OpenContract)}.Content is or holds System.IO.Stream"));
        Assert.That(found, Has.One.Contains($"{nameof(Bad.OpenContract)}.Anything is or holds System.Object"));
        Assert.That(found, Has.One.Contains($"{nameof(Bad.OpenContract)}.Limit is a constant"));
    }

    [Test]
    public void Wire_name_that_is_missing_taken_or_misspelt_is_found()
    {
        var found = ContractRules.WireNames([typeof(Bad.RuleBreaker).Assembly]);

        Assert.That(found, Has.One.Contains($"{nameof(Bad.Unhandled)} has no [MessageName]"));
        Assert.That(found, Has.One.Contains("'bad.do-it.v1' is taken by"));
        Assert.That(found, Has.One.Contains($"is called '{nameof(Bad.Happened)}'"));
    }

    [Test]
    public void Change_of_a_name_or_a_type_changes_the_sample()
    {
        string Written(Type type) => JsonSerializer.Serialize(Samples.Of(type), type, DoxJson.Options);

        Assert.That(Written(typeof(Before)), Is.Not.EqualTo(Written(typeof(Renamed))));
        Assert.That(Written(typeof(Before)), Is.Not.EqualTo(Written(typeof(Retyped))));
    }

    private static JsonObject SampleOf(Type message)
    {
        var sample = new JsonObject { ["message"] = JsonSerializer.SerializeToNode(Samples.Of(message), message, DoxJson.Options) };
        if (AnswerOf(message) is { } answer && answer != typeof(Unit)) sample["answer"] = JsonSerializer.SerializeToNode(Samples.Of(answer), answer, DoxJson.Options);
        return sample;
    }

    private static Type? AnswerOf(Type message) =>
        message.GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequest<>))?.GenericTypeArguments[0];

    private static string NameOf(Type message) => message.GetCustomAttribute<MessageNameAttribute>()!.Name;

    private sealed record Before(int Count);

    private sealed record Renamed(int Number);

    private sealed record Retyped(string Count);
}
