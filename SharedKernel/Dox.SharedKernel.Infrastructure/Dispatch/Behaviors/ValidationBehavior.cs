using System.Text.Json;
using Dox.SharedKernel.Errors;
using FluentValidation;
using MediatR;

namespace Dox.SharedKernel.Infrastructure.Dispatch.Behaviors;

/// <summary>Runs the request's validators, and answers with all that is wrong at once.</summary>
internal sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var findings = new List<Finding>();
        foreach (var validator in validators)
        {
            var result = await validator.ValidateAsync(request, cancellationToken);
            findings.AddRange(result.Errors.Select(e => new Finding(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(e.PropertyName), e.ErrorCode, e.ErrorMessage, e.AttemptedValue?.ToString())));
        }

        return findings.Count == 0
            ? await next()
            : throw DoxException.Invalid("invalid_request", string.Join(' ', findings.Select(f => f.Message)), findings);
    }
}
