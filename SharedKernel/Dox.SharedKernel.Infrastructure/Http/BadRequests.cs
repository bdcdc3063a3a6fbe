using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dox.SharedKernel.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>Says in our words what the framework found wrong with a request; its own name types that mean nothing to a client.</summary>
internal static partial class BadRequests
{
    public static DoxException Explain(BadHttpRequestException e)
    {
        if (e.InnerException is JsonException json) return Explain(json);
        if (e.StatusCode != 400) return new(e.StatusCode, (string)ProblemShape.Of(e.StatusCode).Extensions["code"]!, ProblemShape.Of(e.StatusCode).Detail!);
        if (Unreadable().Match(e.Message) is { Success: true } unreadable)
        {
            var name = unreadable.Groups["name"].Value;
            return Invalid("invalid_parameter", name, $"'{name}' can't be read from '{Short(unreadable.Groups["value"].Value)}'.", unreadable.Groups["value"].Value);
        }

        if (Missing().Match(e.Message) is { Success: true } missing)
        {
            var name = missing.Groups["name"].Value;
            return Invalid("missing_parameter", name, $"'{name}' is missing ({missing.Groups["source"].Value}).", null);
        }

        return NoBody().IsMatch(e.Message)
            ? DoxException.Invalid("missing_body", "A body is needed, and there is none.")
            : DoxException.Invalid("bad_request", ProblemShape.Of(400).Detail!);
    }

    public static DoxException Explain(JsonException e)
    {
        var where = e.Path is { Length: > 0 } path ? $" at {path}" : "";
        if (Required().Match(e.Message) is { Success: true } required)
            return DoxException.Invalid("invalid_json", $"The JSON lacks {required.Groups["names"].Value}{where}.");
        var line = e.LineNumber is { } number ? $" (line {number + 1})" : "";
        return DoxException.Invalid("invalid_json", $"The JSON is broken, or isn't what is expected{where}{line}.");
    }

    /// <summary>
    /// The parameter of the query that the framework refused without a word: for one that may be left out it sets the status alone. Null where
    /// it refused something else.
    /// </summary>
    public static DoxException? Unread(HttpContext http)
    {
        foreach (var parameter in http.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [])
        {
            if (Nullable.GetUnderlyingType(parameter.ParameterInfo.ParameterType) is not { } type) continue;
            if (http.Request.Query[parameter.Name].FirstOrDefault() is { } value && !CanBeRead(type, value))
                return Invalid("invalid_parameter", parameter.Name, $"'{parameter.Name}' can't be read from '{Short(value)}'.", value);
        }

        return null;
    }

    private static bool CanBeRead(Type type, string value) =>
        type == typeof(int) ? int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
        : type == typeof(bool) ? bool.TryParse(value, out _)
        : type != typeof(DateTimeOffset) || DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static DoxException Invalid(string code, string name, string message, string? provided) =>
        DoxException.Invalid(code, message, [new Finding(name, code, message, provided is null ? null : Short(provided))]);

    private static string Short(string value) => value.Length <= 200 ? value : value[..200] + "…";

    [GeneratedRegex("""^Failed to bind parameter "(?:.* )?(?<name>\S+)" from "(?<value>.*)"\.$""", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Unreadable();

    [GeneratedRegex("""^Required parameter "(?:.* )?(?<name>\S+)" was not provided from (?<source>.*)\.$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex("no body was provided", RegexOptions.None, 1000)]
    private static partial Regex NoBody();

    [GeneratedRegex("missing required properties including: (?<names>.*?)\\.( |$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Required();
}
