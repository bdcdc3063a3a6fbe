using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.StoredResults;

/// <summary>Adds a row to a table of results. The same key with the same data again is the same row; with other data it is refused.</summary>
internal static partial class AddResult
{
    private const int LargestData = 1024 * 1024;

    [Requires(Role.System)]
    public sealed record Command(string Table, string Key, JsonNode Data, string Source, Id<Document>? DocumentId, string RuleName) : ICommand<Result>;

    public sealed record Result(string Table, string Key, Guid ResultId);

    public sealed class Handler(OrchestrationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            if (!TableName().IsMatch(command.Table))
                throw DoxException.Invalid("invalid_table", $"'{command.Table}' can't be a table's name: it begins with a letter, and has letters, digits and _ alone, at most 100.");
            if (command.Key.Length is 0 or > StoredResult.LongestKey)
                throw DoxException.Invalid("invalid_key", $"A result's key has 1 to {StoredResult.LongestKey} characters.");
            var data = command.Data.ToJsonString(DoxJson.Options);
            if (data.Length > LargestData)
                throw DoxException.Invalid("result_too_large", $"The data has {data.Length} characters; {LargestData} are allowed. Large content belongs into the document store.");
            if (await EarlierAsync(command, data, cancellationToken) is { } earlier) return earlier;

            var now = clock.GetUtcNow();
            var row = new StoredResult
            {
                Id = Guid.CreateVersion7(now),
                Bucket = Bucket.Of(call.Caller.Account),
                Account = call.Caller.Account,
                TableName = command.Table,
                Key = command.Key,
                Data = data,
                Source = command.Source,
                DocumentId = command.DocumentId,
                RuleName = command.RuleName,
                Created = now,
            };
            db.Results.Add(row);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return new(command.Table, command.Key, row.Id);
            }
            catch (DbUpdateException)
            {
                db.ChangeTracker.Clear();
                if (await EarlierAsync(command, data, cancellationToken) is { } first) return first;
                throw;
            }
        }

        private async Task<Result?> EarlierAsync(Command command, string data, CancellationToken cancellationToken)
        {
            var account = call.Caller.Account;
            var earlier = await db.Results.AsNoTracking().SingleOrDefaultAsync(r => r.Account == account && r.TableName == command.Table && r.Key == command.Key, cancellationToken);
            if (earlier is null) return null;
            if (earlier.Data != data) throw DoxException.Conflict("result_exists", $"'{command.Table}' has another result under the key '{command.Key}', and results aren't changed. Use another key.");
            return new(command.Table, command.Key, earlier.Id);
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]{0,99}$", RegexOptions.None, 1000)]
    internal static partial Regex TableName();
}
