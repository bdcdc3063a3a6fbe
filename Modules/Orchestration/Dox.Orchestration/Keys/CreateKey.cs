using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Keys;

/// <summary>Makes a key for a person or a program. Its text is told this once.</summary>
internal static class CreateKey
{
    private static readonly string[] s_roles = [.. Enum.GetValues<Role>().Where(role => role != Role.System).Select(role => role.ToString().ToLowerInvariant())];

    // What DOX calls itself, the key of the configuration, and nobody
    private static readonly string[] s_taken = [Caller.System.User, Caller.Anonymous.User, "api-key"];

    /// <param name="Name">Who comes with it: what documents, reviews and the audit say. Of the same person the same name, also as a token's <c>sub</c>.</param>
    /// <param name="Roles">What they may do: submitter, reviewer, operator, author, admin.</param>
    /// <param name="AccountId">Whose documents they own; absent: the account of who asks.</param>
    /// <param name="Teams">A reviewer's; empty or absent: all.</param>
    /// <param name="ExpiresInDays">1 to 3650; absent: <c>Dox:Keys:ValidDays</c>.</param>
    [Requires(Role.Admin)]
    public sealed record Command(string Name, IReadOnlyList<string>? Roles = null, string? AccountId = null, IReadOnlyList<string>? Teams = null, int? ExpiresInDays = null) : ICommand<Result>;

    /// <param name="ApiKey">The key's text, to be sent as <c>X-API-Key</c>. It isn't told again.</param>
    public sealed record Result(bool Success, KeyView Key, string ApiKey, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, IOptions<KeyOptions> options, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var text = KeyRecord.NewText();
            var key = new KeyRecord
            {
                Id = Id<ApiKey>.New(clock),
                Name = Checked(command.Name, "name", []),
                Account = Checked(command.AccountId ?? call.Caller.Account, "account_id", [Caller.System.Account]),
                Roles = string.Join(',', RolesOf(command)),
                Teams = string.Join(',', (command.Teams ?? []).Select(team => Checked(team, "teams", [])).Distinct(StringComparer.Ordinal)),
                Hash = KeyRecord.HashOf(text),
                Expires = now.AddDays(Days(command.ExpiresInDays, options.Value)),
                CreatedBy = call.Caller.User,
                Created = now,
            };
            if (s_taken.Contains(key.Name, StringComparer.OrdinalIgnoreCase)) throw DoxException.Invalid("invalid_key", $"Nobody else may be called {key.Name}. Give the key the name of who uses it.");
            await using var write = await db.BeginWriteAsync(cancellationToken);
            db.ApiKeys.Add(key);
            await db.SaveChangesAsync(cancellationToken);
            await db.NoteAsync(KeyAudit.Of(call.Caller, "key.create", key), clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
            return new(true, KeyView.Of(key, now), text, now);
        }

        private static List<string> RolesOf(Command command)
        {
            var roles = (command.Roles ?? []).Select(role => role.Trim().ToLowerInvariant()).Distinct(StringComparer.Ordinal).ToList();
            return roles.Count > 0 && roles.TrueForAll(role => s_roles.Contains(role, StringComparer.Ordinal))
                ? roles
                : throw DoxException.Invalid("invalid_key", $"roles lists what may be done with the key: one or more of {string.Join(", ", s_roles)}.");
        }

        private static string Checked(string? text, string field, string[] taken) =>
            string.IsNullOrWhiteSpace(text) || text.Length > KeyRecord.LongestName || text.Any(c => char.IsControl(c) || c == ',') || taken.Contains(text, StringComparer.Ordinal)
                ? throw DoxException.Invalid("invalid_key", $"{field} takes names of 1 to {KeyRecord.LongestName} characters without commas, and none of DOX's own.")
                : text;
    }

    /// <exception cref="DoxException">400.</exception>
    public static int Days(int? asked, KeyOptions options) => (asked ?? options.ValidDays) is var days and >= 1 and <= KeyRecord.MostDays
        ? days
        : throw DoxException.Invalid("invalid_key", $"expires_in_days is {asked}; it must be 1 to {KeyRecord.MostDays}.");

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/keys", async (Command command, HttpResponse response, IMediator mediator, CancellationToken cancellationToken) =>
            {
                var made = await mediator.Send(command, cancellationToken);
                response.Headers.Location = $"/api/v1/keys/{made.Key.KeyId}";
                response.Headers.CacheControl = "no-store";
                return TypedResults.Json(made, statusCode: StatusCodes.Status201Created);
            })
            .WithSummary("Make a key for a person or a program.")
            .WithDescription("The answer holds the key's text, which is kept nowhere and isn't told again. It is sent as X-API-Key, and has the roles and the account that are named here.")
            .Produces<Result>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden);
}
