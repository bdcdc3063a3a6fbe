using System.Reflection;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.Validation.Scanning;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Files;

/// <summary>What files must be like, so that a client can tell its user before it sends one.</summary>
internal static class GetConfig
{
    [OpenToAll]
    internal sealed record Query : IQuery<Answer>;

    internal sealed record Answer(bool Success, Config Config, DateTimeOffset Timestamp);

    internal sealed record Config(ValidationPart Validation, ClamAvPart Clamav, RatePart RateLimiting, ServicePart Service);

    internal sealed record ValidationPart(
        int MaxFileSizeMb, long MaxFileSize, IEnumerable<string> AllowedExtensions, IEnumerable<string> AllowedMimetypes, int ImageMaxWidth, int ImageMaxHeight);

    /// <param name="Enabled">Whether files are scanned at all.</param>
    /// <param name="Mode"><c>true</c>, <c>false</c> or <c>auto</c>.</param>
    /// <param name="Host">Told to operators alone.</param>
    /// <param name="Port">Told to operators alone.</param>
    /// <param name="Timeout">In seconds.</param>
    /// <param name="MaxFileSize">In bytes.</param>
    internal sealed record ClamAvPart(bool Enabled, string Mode, string? Host, int? Port, int Timeout, long MaxFileSize);

    internal sealed record RatePart(int PerUserPerDay, int PerAccountPerDay, int WindowHours, int BurstPerMinute);

    internal sealed record ServicePart(string Name, string Version);

    internal sealed class Handler(
        IOptions<ValidationOptions> options, ScannerWatch scanner, CallContext call, IConfiguration configuration, TimeProvider clock)
        : IRequestHandler<Query, Answer>
    {
        public Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var o = options.Value;
            var operates = call.Caller.Holds(Role.Operator);
            var config = new Config(
                new(o.MaxFileSizeMb, o.MaxFileSize, o.Extensions.Order(StringComparer.Ordinal), o.MediaTypes.Order(StringComparer.Ordinal), o.ImageMaxWidth, o.ImageMaxHeight),
                new(
                    scanner.Mode != ScannerMode.False, ValidationTelemetry.Name(scanner.Mode), operates ? o.ClamAv.Host : null, operates ? o.ClamAv.Port : null,
                    o.ClamAv.TimeoutSeconds, o.ClamAv.MaxFileSizeMb * 1024L * 1024),
                new(o.RateLimit.PerUserPerDay, o.RateLimit.PerAccountPerDay, o.RateLimit.WindowHours, o.RateLimit.Burst),
                new(
                    configuration["Dox:Service:Name"] ?? "dox-validation-service",
                    typeof(GetConfig).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0"));
            return Task.FromResult(new Answer(true, config, clock.GetUtcNow()));
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/validate/config", (IMediator mediator, CancellationToken cancellationToken) => mediator.Send(new Query(), cancellationToken))
            .WithSummary("What files must be like").Produces<Answer>();
}
