using System.Security.Cryptography;
using System.Text;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Rules;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Engine;

/// <summary>The keys that a start comes with: an Idempotency-Key, a name that the starter gave the run, both or neither.</summary>
internal sealed class StartKeys(string account, string? idempotencyKey, string? workflowId)
{
    private const string NamePrefix = "workflow_id:";

    // An id far from now would lie in another time's partition than its run
    private static readonly TimeSpan OldestId = TimeSpan.FromDays(1);
    private static readonly TimeSpan NewestId = TimeSpan.FromMinutes(5);

    private readonly string[] _keys = [.. new[] { idempotencyKey, workflowId is null ? null : NamePrefix + workflowId }.OfType<string>()];

    public bool Any => _keys.Length > 0;

    /// <summary>The start that one of the keys was used for; null where none was.</summary>
    public async Task<StartKey?> FindAsync(OrchestrationDbContext db, CancellationToken cancellationToken) => !Any
        ? null
        : await db.StartKeys.AsNoTracking().Where(k => k.Account == account && _keys.Contains(k.Key)).OrderBy(k => k.Key).FirstOrDefaultAsync(cancellationToken);

    /// <summary>Their rows, for the run.</summary>
    public IReadOnlyList<StartKey> Of(Id<Workflow> run, DateTimeOffset now) =>
        [.. _keys.Select(key => new StartKey { Account = account, Key = key, WorkflowId = run, Created = now })];

    /// <summary>The id of the run: the starter's, if it is one of ours and of today; of an embedded rule the same for the same key, so that a repeat finds the effects done.</summary>
    public Id<Workflow> RunId(Rule rule, DateTimeOffset now)
    {
        if (Id<Workflow>.TryParse(workflowId, null, out var given) && given.Value.Version == 7 && IdTime.Of(given.Value) is var time && time > now - OldestId && time < now + NewestId)
            return given;
        if (rule.Mode == RuleMode.Embedded && Any)
            return new(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{account}\n{rule.Name}\n{_keys[0]}")).AsSpan(0, 16)));
        return new(Guid.CreateVersion7(now));
    }

    public DoxException Reused(StartKey first) => first.Key.StartsWith(NamePrefix, StringComparison.Ordinal) && first.Key != idempotencyKey
        ? DoxException.Conflict("workflow_id_taken", $"The workflow_id '{workflowId}' belongs to the run {first.WorkflowId}, which was started with another rule or context. Choose another one.")
        : new DoxException(422, "idempotency_key_reused", "This Idempotency-Key was used for other content. Use a new key for each start.");
}
