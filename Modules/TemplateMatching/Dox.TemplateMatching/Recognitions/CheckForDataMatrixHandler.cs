using Dox.TemplateMatching.Contracts;
using MediatR;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class CheckForDataMatrixHandler(DataMatrixReader reader) : IRequestHandler<CheckForDataMatrix, DataMatrixResult>
{
    private const int MaxCode = 1_000;

    public async Task<DataMatrixResult> Handle(CheckForDataMatrix request, CancellationToken cancellationToken)
    {
        using var activity = TemplateMatchingTelemetry.Source.StartActivity("read datamatrix");
        activity?.SetTag("document.id", request.Document.Id.ToString());
        var (code, reason) = await reader.ReadAsync(request.Document, cancellationToken);
        activity?.SetTag("found", code is not null);
        return code is null ? new(Found: false, Reason: reason) : Read(code.Length > MaxCode ? code[..MaxCode] : code);
    }

    /// <summary>What a code says: pairs such as <c>BATCH:2026-11;ACCOUNT:A-42</c>, in any order; anything else is a code without them.</summary>
    internal static DataMatrixResult Read(string code)
    {
        var pairs = code.Split([';', '|', '&', '\n', '\r', '\u001D'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(pair => pair.Split([':', '='], 2, StringSplitOptions.TrimEntries))
            .Where(pair => pair is [_, { Length: > 0 }])
            .GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First()[1], StringComparer.OrdinalIgnoreCase);
        return new(true, code, pairs.GetValueOrDefault("batch"), pairs.GetValueOrDefault("account"));
    }
}
