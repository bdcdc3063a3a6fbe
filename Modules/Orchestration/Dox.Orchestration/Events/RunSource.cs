using Dox.Orchestration.Data;
using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Events;

/// <summary>
/// The events of some runs from their beginning, by their own journals: an id says how far each run was told of. Runs of the same document
/// that come later are told of too.
/// </summary>
internal sealed class RunSource(
    EventWindow window, IServiceScopeFactory scopes, Id<Document>? document, IReadOnlyList<Id<Workflow>> runs, RunPlaces places) : IEventSource
{
    private readonly SortedSet<Id<Workflow>> _runs = [.. runs];
    private readonly Queue<Id<Workflow>> _behind = new(runs);
    private long _entry = window.Newest;

    public string? Missed => null;

    public string LastId => places.ToString();

    public async Task<(IReadOnlyList<(string Id, DoxEvent Event)> Events, long Place)> NextAsync(CancellationToken cancellationToken)
    {
        if (_behind.Count == 0)
        {
            var batch = await window.ReadAfterAsync(_entry, cancellationToken);
            foreach (var run in batch.Events.Where(IsOurs).Select(e => e.WorkflowId!.Value).Distinct()) _behind.Enqueue(run);
            _entry = Math.Max(_entry, batch.Last);
        }

        var told = new List<(string, DoxEvent)>();
        if (_behind.TryDequeue(out var next))
        {
            _runs.Add(next);
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
            foreach (var e in await db.EventsOfRunAsync(next, places[next], cancellationToken))
            {
                places[next] = e.Position;
                told.Add((places.ToString(), e));
            }

            // There may be more than one reading takes.
            if (told.Count > 0) _behind.Enqueue(next);
        }

        return (told, _behind.Count > 0 ? _entry - 1 : _entry);
    }

    private bool IsOurs(DoxEvent e) => e.WorkflowId is { } run && (_runs.Contains(run) || (document is not null && e.DocumentId == document));
}

/// <summary>How far each of some runs was told of. Written <c>wf_…:12.1,wf_…:3.0</c>.</summary>
internal sealed class RunPlaces
{
    private const int Most = 100;
    private static readonly EventPosition Beginning = new(0, int.MaxValue);
    private readonly SortedDictionary<Id<Workflow>, EventPosition> _places = [];

    public EventPosition this[Id<Workflow> run]
    {
        get => _places.GetValueOrDefault(run, Beginning);
        set => _places[run] = value;
    }

    public static bool TryParse(string? text, out RunPlaces places)
    {
        places = new();
        if (string.IsNullOrEmpty(text)) return true;
        var parts = text.Split(',');
        if (parts.Length > Most) return false;
        foreach (var part in parts)
        {
            if (part.Split(':') is not [var run, var place] || !Id<Workflow>.TryParse(run, null, out var id) || !EventPosition.TryParse(place, out var position)) return false;
            places[id] = position;
        }

        return true;
    }

    public override string ToString() => string.Join(',', _places.Select(p => $"{p.Key}:{p.Value}"));
}

/// <summary>What subscribers are told of one run.</summary>
internal static class RunEvents
{
    private const int AtOnce = 200;

    /// <summary>The events behind <paramref name="after"/>: entries are the journal's, and what a step published comes before its end.</summary>
    public static async Task<IReadOnlyList<DoxEvent>> EventsOfRunAsync(this OrchestrationDbContext db, Id<Workflow> run, EventPosition after, CancellationToken cancellationToken)
    {
        // The entry at the place may have been told of in part, and the one before it says how the run stood.
        var from = (int)Math.Clamp(after.Entry - 1, 0, int.MaxValue);
        var journal = await db.Journal.AsNoTracking().Where(e => e.WorkflowId == run && e.Sequence >= from).OrderBy(e => e.Sequence).Take(AtOnce)
            .Select(e => new { e.Kind, e.Sequence, e.Step, e.Visit, e.Attempt, e.Status, e.RunStatus, e.Error, e.StartedAt, e.DurationMs }).ToListAsync(cancellationToken);
        if (journal.Count == 0 || journal[^1].Sequence < after.Entry) return [];
        var facts = await db.OpenRuns.AsNoTracking().Where(r => r.Id == run).Select(r => new RunFacts(r.Account, r.RuleName, r.Service, r.DocumentId, r.StartedAt)).SingleOrDefaultAsync(cancellationToken)
            ?? await db.EndedRuns.AsNoTracking().Where(r => r.Id == run).Select(r => new RunFacts(r.Account, r.RuleName, r.Service, r.DocumentId, r.StartedAt)).SingleOrDefaultAsync(cancellationToken);
        if (facts is null) return [];
        var since = journal[0].StartedAt;
        var raised = await db.RaisedEvents.AsNoTracking().Where(e => e.WorkflowId == run && e.Source != null && e.Occurred >= since).OrderBy(e => e.EventId).ToListAsync(cancellationToken);

        var events = new List<DoxEvent>();
        for (var i = 0; i < journal.Count; i++)
        {
            var e = journal[i];
            if (e.Sequence < after.Entry) continue;
            var line = new JournalLine(run, e.Kind, e.Sequence, e.Step, e.Visit, e.Attempt, e.Status, e.RunStatus, i == 0 ? null : journal[i - 1].RunStatus, e.Error, e.StartedAt, e.DurationMs, facts);
            var key = $"{run}/{e.Step}/{e.Visit}";
            var published = raised.Where(r => r.Source == key || r.Source!.StartsWith(key + "/", StringComparison.Ordinal))
                .Select(r => EventRendering.EventOf(new(r.EventId, r.Type, r.Data, r.Service, r.Account, r.WorkflowId, r.DocumentId, r.Occurred), default));
            var own = EventRendering.EventsOf(line).ToList();
            var began = own.TakeWhile(o => o.Type == EventType.WorkflowStarted).Count();
            events.AddRange(EventRendering.Number(e.Sequence, own.Take(began).Concat(published).Concat(own.Skip(began))).Where(o => o.Position > after));
        }

        return events;
    }
}
