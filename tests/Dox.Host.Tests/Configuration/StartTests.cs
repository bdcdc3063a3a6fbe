using System.Text.RegularExpressions;
using Dox.Host.Configuration;
using Dox.Host.Http;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Dox.Host.Tests.Configuration;

public sealed class StartTests
{
    private const string Key = "0c9d2b8f6a1e4d7b93c5";

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dox-test-");

    [TearDown]
    public void DropFolder() => _folder.Delete(recursive: true);

    [Test]
    public void Every_problem_is_told_in_one_message_with_the_variable_to_set()
    {
        var problems = Refused(
            ("POSTGRES_PORT", "abc"), ("SERVICE_PORT", "70000"), ("METRICS_ENABLED", "perhaps"), ("STORAGE_TYPE", "azure"), ("BACKUP_ENABLED", "true"), ("LOG_LEVEL", "loud"),
            ("API_KEY", Key), ("Dox__Auth__LockoutAttempts", "0"));

        Assert.That(problems, Is.EquivalentTo([
            "POSTGRES_PORT is 'abc'; it must be a whole number from 1 to 65535.",
            "SERVICE_PORT is '70000'; it must be a whole number from 0 to 65535.",
            "METRICS_ENABLED is 'perhaps'; it must be true or false.",
            "LOG_LEVEL is 'loud'; it must be one of trace, debug, info, information, warn, warning, error, critical, none.",
            "STORAGE_TYPE is 'azure', and DOX has no store on Azure: set STORAGE_TYPE=local with STORAGE_PATH on a shared volume.",
            "BACKUP_ENABLED is 'true', and this version makes no back-ups: set it to false, and back up the database and DOX_DATA_PATH by other means.",
            "Dox:Auth:LockoutAttempts must be at least 1.",
        ]));
    }

    [Test]
    public async Task Ports_of_the_earlier_services_are_listened_on_where_wanted()
    {
        await using var app = Built(("API_KEY", Key), ("Dox__Http__EarlierPorts", "true"));

        Assert.That(app.Services.GetRequiredService<IOptions<HttpOptions>>().Value.Ports, Is.EqualTo([5000, 5001, 5002, 5003, 5007]));
    }

    [TestCase("s3")]
    [TestCase("minio")]
    [TestCase("Azure")]
    public void Store_that_is_not_there_stops_the_start(string type) =>
        Assert.That(Refused(("STORAGE_TYPE", type), ("API_KEY", Key)), Has.One.Contains("set STORAGE_TYPE=local"));

    [Test]
    public void Value_of_a_key_without_a_variable_is_looked_at_too() =>
        Assert.That(Refused(("Dox__Database__MaxConnections", "many"), ("API_KEY", Key)), Has.One.Contains("Dox:Database:MaxConnections"));

    [Test]
    public void Production_does_not_start_open() =>
        Assert.That(Refused(("REQUIRE_AUTH", "false")), Has.One.StartsWith("REQUIRE_AUTH is false, and production doesn't start open"));

    [Test]
    public void Nobody_could_get_in_without_a_key() => Assert.That(Refused(), Has.One.StartsWith("Nobody could get in: set API_KEY"));

    [TestCase("change-me")]
    [TestCase("CHANGE_ME_please_1234")]
    [TestCase("your-api-key-goes-here")]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaa")]
    [TestCase("password12345678901234")]
    public void Production_refuses_a_key_that_everybody_knows(string key) =>
        Assert.That(Refused(("API_KEY", key)), Has.One.StartsWith("API_KEY is a placeholder"));

    [Test]
    public void Production_refuses_a_short_key_and_a_short_secret()
    {
        var problems = Refused(("API_KEY", "x7Gh21"), ("Dox__Auth__Jwt__Secret", "x7Gh21"));

        Assert.That(problems, Has.One.StartsWith("API_KEY has 6 characters"));
        Assert.That(problems, Has.One.StartsWith("Dox__Auth__Jwt__Secret is shorter than 32 bytes"));
    }

    [Test]
    public void Placeholders_of_other_secrets_are_refused_too() =>
        Assert.That(
            Refused(("API_KEY", Key), ("POSTGRES_HOST", "localhost"), ("POSTGRES_PASSWORD", "change-me"), ("REDIS_PASSWORD", "change-me")),
            Has.One.StartsWith("POSTGRES_PASSWORD is a placeholder").And.One.StartsWith("REDIS_PASSWORD is a placeholder"));

    [TestCase("Host=localhost;Username=dox_user;Password=change-me")]
    [TestCase("host=localhost;pwd=postgres")]
    public void Placeholder_inside_a_connection_string_is_refused_too(string connection) =>
        Assert.That(Refused(("API_KEY", Key), ("Dox__Database__ConnectionString", connection)), Has.One.StartsWith("Dox__Database__ConnectionString holds a password"));

    [TestCase("Dox__Outbox__BatchSize", "0", "Dox:Outbox:BatchSize is 0; it must be 1 to 10000.")]
    [TestCase("Dox__Outbox__PollInterval", "00:00:00", "Dox:Outbox:PollInterval must be more than nothing.")]
    [TestCase("Dox__Outbox__MaxAttempts", "0", "Dox:Outbox:MaxAttempts is 0; it must be at least 1.")]
    [TestCase("Dox__Redis__Concurrency", "0", "Dox:Redis:Concurrency is 0; it must be at least 1.")]
    [TestCase("Dox__Redis__Port", "70000", "Dox:Redis:Port is 70000; it must be 1 to 65535. Set REDIS_PORT.")]
    [TestCase("Dox__Transport__RequestTimeout", "00:00:00", "Dox:Transport:RequestTimeout must be more than nothing.")]
    [TestCase("Dox__Transport__Kind", "7", "Dox:Transport:Kind is 7; it must be InProcess or Redis.")]
    public void Value_that_could_not_work_stops_the_start(string variable, string value, string problem) =>
        Assert.That(Refused(("API_KEY", Key), (variable, value)), Is.EqualTo([problem]));

    [Test]
    public void Folder_of_rules_that_is_not_there_stops_the_start() =>
        Assert.That(
            Assert.Throws<ConfigurationException>(() => Built(Host.Modules.All, [], [("API_KEY", Key), ("WORKFLOW_RULES_PATH", "/nowhere")]))!.Problems,
            Is.EqualTo(["Dox:Rules:Path names '/nowhere', and there is no such folder. Set WORKFLOW_RULES_PATH."]));

    [Test]
    public void Example_of_the_deployment_is_refused()
    {
        var example = File.ReadAllLines(Path.Combine(Repository.Root, "deploy", ".env.example"))
            .Where(l => l.Contains('=', StringComparison.Ordinal) && !l.StartsWith('#')).Select(l => l.Split('=', 2)).Select(p => (p[0], p[1])).ToArray();

        Assert.That(Refused(example), Has.Some.StartsWith("API_KEY is a placeholder"));
    }

    [Test]
    public async Task Secret_is_read_from_the_file_that_is_named()
    {
        var file = Path.Combine(_folder.FullName, "key");
        await File.WriteAllTextAsync(file, Key + "\n");
        await using var app = Built(("API_KEY_FILE", file));

        Assert.That(app.Configuration["Dox:Auth:ApiKey"], Is.EqualTo(Key));
    }

    [Test]
    public void Secret_that_is_given_twice_or_whose_file_is_missing_stops_the_start()
    {
        Assert.That(Refused(("API_KEY", Key), ("API_KEY_FILE", "/nowhere")), Has.One.EqualTo("API_KEY and API_KEY_FILE are both set; leave one out."));
        Assert.That(Refused(("API_KEY_FILE", "/nowhere")), Has.One.StartsWith("API_KEY_FILE names '/nowhere', which can't be read"));
    }

    [Test]
    public async Task Data_path_moves_everything_and_what_is_more_exact_wins()
    {
        var banks = Path.Combine(_folder.FullName, "elsewhere");
        await using var app = Built(("API_KEY", Key), ("MEMORY_BANK_PATH", banks));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(app.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value.Path, Is.EqualTo(_folder.FullName));
            Assert.That(app.Services.GetRequiredService<IOptions<ContentOptions>>().Value.Path, Is.EqualTo(Path.Combine(_folder.FullName, "content")));
            Assert.That(app.Configuration["Dox:MemoryBanks:Path"], Is.EqualTo(banks));
        }
    }

    [Test]
    public async Task Flat_variable_wins_over_the_long_one_and_an_argument_over_both()
    {
        var variables = new[] { ("API_KEY", Key), ("Dox__Database__Name", "long"), ("POSTGRES_DB", "flat") };
        await using var flat = Built(variables);
        await using var argument = Built(["--Dox:Database:Name=argument"], variables);

        Assert.That(flat.Configuration["Dox:Database:Name"], Is.EqualTo("flat"));
        Assert.That(argument.Configuration["Dox:Database:Name"], Is.EqualTo("argument"));
    }

    [Test]
    public async Task Modules_are_listed_in_one_variable()
    {
        await using var app = Built(("API_KEY", Key), ("Dox__Modules", "Probe"));

        Assert.That(app.Services.GetRequiredService<ModuleSet>().Hosted.Select(m => m.Name), Is.EqualTo(["Probe"]));
    }

    [Test]
    public async Task Variable_that_nobody_filled_in_is_as_if_it_was_not_there()
    {
        await using var app = Built(("API_KEY", Key), ("POSTGRES_HOST", ""), ("CLAMAV_PORT", " "));

        Assert.That(app.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value.Provider, Is.EqualTo(DatabaseProvider.Sqlite));
    }

    [Test]
    public void Every_variable_that_DOX_knows_is_honoured_or_stops_the_start_or_belongs_to_one_that_does()
    {
        var all = FlatVariables.All.ToDictionary(v => v.Name, StringComparer.Ordinal);
        using (Assert.EnterMultipleScope())
        {
            foreach (var variable in all.Values.Where(v => v.Keys.Length == 0 && v.Under is null && v.Refused.Count == 0))
                Assert.Fail($"{variable.Name} is known, and nothing becomes of it.");
            foreach (var variable in all.Values.Where(v => v.Under is not null))
            {
                var (name, value) = variable.Under!.Value;
                Assert.That(Refused((name, value), (variable.Name, "1"), ("API_KEY", Key)), Has.One.StartsWith($"{name} is '{value}', and "), variable.Name);
            }

            foreach (var variable in all.Values)
            {
                foreach (var (value, instead) in variable.Refused)
                    Assert.That(Refused((variable.Name, value == "*" ? "1" : value), ("API_KEY", Key)), Has.One.EndsWith(instead), variable.Name);
            }
        }
    }

    [Test]
    public void Every_key_that_a_variable_fills_is_read_by_somebody()
    {
        var sources = string.Concat(Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/artifacts/", StringComparison.Ordinal) && !f.Contains("/tests/", StringComparison.Ordinal) && !f.EndsWith("FlatVariables.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText));

        // By its path, or as an option's property that somebody uses beside its declaration
        Assert.That(
            FlatVariables.All.SelectMany(v => v.Keys.Select(key => (v.Name, Key: key)))
                .Where(k => !sources.Contains($"{k.Key}\"", StringComparison.Ordinal) && Regex.Count(sources, $@"\b{k.Key.Split(':')[^1]}\b", RegexOptions.None, TimeSpan.FromSeconds(10)) < 2),
            Is.Empty);
    }

    private IReadOnlyList<string> Refused(params (string Name, string Value)[] variables) =>
        Assert.Throws<ConfigurationException>(() => Built(variables))!.Problems;

    private Microsoft.AspNetCore.Builder.WebApplication Built(params (string Name, string Value)[] variables) => Built([], variables);

    private Microsoft.AspNetCore.Builder.WebApplication Built(string[] arguments, (string Name, string Value)[] variables) => Built([new ProbeModule()], arguments, variables);

    private Microsoft.AspNetCore.Builder.WebApplication Built(IReadOnlyList<IModule> modules, string[] arguments, (string Name, string Value)[] variables)
    {
        var environment = variables.ToDictionary(v => v.Name, v => (string?)v.Value, StringComparer.Ordinal);
        environment.TryAdd("DOX_DATA_PATH", _folder.FullName);
        return DoxApplication.Build(new DoxSetup { Arguments = arguments, Environment = environment, Modules = modules });
    }
}
