using System.Text.Json;
using Dox.Orchestration.Contracts;
using Dox.SharedKernel;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.Simulation.Tests.Checking;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Storage;
using Dox.Workflows.Interpretation;

namespace Dox.Simulation.Tests.Surroundings;

/// <summary>
/// The module that the outbox is delivered to, and its people. Messages come late, out of order and more than once; a message that was heard
/// is known again. An asked person decides after a while, and that decision is delivered until some node took it.
/// </summary>
internal sealed class Teams
{
    private readonly World _world;
    private int _underWay;
    private readonly HashSet<Guid> _inbox = [];
    private readonly List<string> _asked = [];
    private readonly HashSet<string> _reviews = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _heard = new(StringComparer.Ordinal);

    public Teams(World world, Database database)
    {
        (_world, Actor) = (world, new Actor(world, "teams"));
        database.Sent = message => Deliver(message, first: true);
    }

    public Actor Actor { get; }

    /// <summary>Nothing is on its way to it or from it.</summary>
    public bool IsQuiet => _underWay == 0;

    /// <summary>Gives a decision to a node; false: none was there, or it couldn't be taken.</summary>
    public Func<Id<Workflow>, WaitAnswer, Task<bool>> Answer { get; set; } = (_, _) => Task.FromResult(false);

    /// <summary>Brings what a run tells another one to a node; false: it couldn't be taken.</summary>
    public Func<object, Task<bool>> Tell { get; set; } = _ => Task.FromResult(false);

    /// <summary>Whether deliveries go wrong still.</summary>
    public bool IsFlaky { get; set; } = true;

    /// <summary>Of how many messages of a name something came.</summary>
    public int Heard(Id<Workflow> run, string name) => _heard.GetValueOrDefault($"{run} {name}");

    /// <summary>What people were asked about a run: step and visit.</summary>
    public IEnumerable<string> QuestionsOf(Id<Workflow> run) => _asked.Where(q => q.StartsWith(run.ToString(), StringComparison.Ordinal)).Select(q => q.Split(' ', 2)[1]);

    private void Deliver(OutboxMessage message, bool first)
    {
        _underWay++;
        _world.After(_world.Dice.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(first ? 1 : 5)), Actor, () => Hear(message));
        // The relay died between the delivery and the note of it
        if (IsFlaky && _world.Dice.Chance(0.1)) Deliver(message, first: false);
    }

    private void Hear(OutboxMessage message)
    {
        _underWay--;
        if (!_inbox.Add(message.MessageId) && _world.Mutation != Mutation.InboxForgets) return;
        if (_world.Mutation == Mutation.ChildrenForgotten && message.Name.Contains("cancel-child", StringComparison.Ordinal)) return;
        if (message.Name.Contains("resume-parent", StringComparison.Ordinal) || message.Name.Contains("cancel-child", StringComparison.Ordinal))
        {
            _underWay++;
            _ = TellAsync(message.Name.Contains("resume-parent", StringComparison.Ordinal) ? JsonSerializer.Deserialize<ResumeParent>(message.Body, DoxJson.Options)! : JsonSerializer.Deserialize<CancelChild>(message.Body, DoxJson.Options)!);
            return;
        }

        using var body = JsonDocument.Parse(message.Body);
        var run = Id<Workflow>.Parse(body.RootElement.GetProperty("workflow_id").GetString()!, null);
        var name = message.Name.Split('.')[1];
        _heard[$"{run} {name}"] = Heard(run, name) + 1;
        if (name != "open-review") return;

        var (step, visit) = (body.RootElement.GetProperty("step").GetString()!, body.RootElement.GetProperty("visit").GetInt32());
        if (!_reviews.Add(body.RootElement.GetProperty("id").GetString()!)) _world.Violate(Invariants.AskedOnce, $"{run} {step}/{visit} is asked a second time");
        _asked.Add($"{run} {step}/{visit}");
        _underWay++;
        _world.After(_world.Dice.Between(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(6)), Actor, () => _ = DecideAsync(run, People.AnswerTo(run.ToString(), step, visit)));
    }

    private async Task TellAsync(object message)
    {
        var clock = new SimulatedClock(Actor);
        while (!await Tell(message)) await Task.Delay(_world.Dice.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1)), clock);
        _underWay--;
    }

    private async Task DecideAsync(Id<Workflow> run, WaitAnswer answer)
    {
        var clock = new SimulatedClock(Actor);
        do
        {
            while (!await Answer(run, answer)) await Task.Delay(_world.Dice.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1)), clock);
        }
        while (IsFlaky && _world.Dice.Chance(0.15)); // Delivered again
        _underWay--;
    }
}
