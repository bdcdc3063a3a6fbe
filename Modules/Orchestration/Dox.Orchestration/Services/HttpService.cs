using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel;
using Dox.Workflows.Interpretation;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Dox.Orchestration.Services;

/// <summary>A service that is reached over HTTP: every call begins with its address, is tried again where that can't do harm, and left alone while the service is down.</summary>
internal sealed class HttpService : IDisposable
{
    private const int LongestMessage = 500;
    private static readonly SearchValues<char> NotInPaths = SearchValues.Create("\\#@\r\n\t ");

    private readonly string _name;
    private readonly ServiceEntryOptions _options;
    private readonly Uri _base;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline<HttpResponseMessage> _tryOnce;
    private readonly ResiliencePipeline<HttpResponseMessage> _tryAgain;

    public HttpService(string name, ServiceEntryOptions options, TimeProvider clock)
    {
        (_name, _options, _base) = (name, options, ServiceOptions.BaseOf(options.Url!)!);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        if (options.ApiKey is { } key) _http.DefaultRequestHeaders.TryAddWithoutValidation(options.ApiKeyHeader, key);
        if (options.BearerToken is { } token) _http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var breaker = new CircuitBreakerStrategyOptions<HttpResponseMessage>
        {
            FailureRatio = 0.5,
            MinimumThroughput = 10,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = TimeSpan.FromSeconds(10),
            ShouldHandle = Failed().Handle<TimeoutRejectedException>().HandleResult(r => (int)r.StatusCode >= 500),
        };
        // One breaker for both ways: what it learnt of the service holds for every call.
        var guarded = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }.AddCircuitBreaker(breaker).AddTimeout(options.Timeout).Build();
        _tryOnce = guarded;
        _tryAgain = options.Retries == 0
            ? guarded
            : new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
                .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
                {
                    MaxRetryAttempts = options.Retries,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = TimeSpan.FromMilliseconds(100),
                    MaxDelay = TimeSpan.FromSeconds(2),
                    ShouldHandle = Failed().Handle<TimeoutRejectedException>().HandleResult(r => r.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError),
                })
                .AddPipeline(guarded).Build();
    }

    /// <summary>Calls an endpoint; what isn't an answer of 2xx is a failed step.</summary>
    public async Task<StepOutcome> CallAsync(string method, string endpoint, JsonObject given, StepCall call, CancellationToken cancellationToken)
    {
        var verb = new HttpMethod(method);
        var hasBody = verb != HttpMethod.Get && verb != HttpMethod.Head && verb != HttpMethod.Delete;
        if (AddressOf(endpoint, hasBody ? null : given) is not { } address)
            return StepOutcome.Failure("invalid_endpoint", $"'{endpoint}' is no path under the address of {_name}: it begins with /, and has no .. in it.", 400, retryable: false);
        try
        {
            var pipeline = verb != HttpMethod.Post && verb != HttpMethod.Patch || _options.Keyed ? _tryAgain : _tryOnce;
            using var response = await pipeline.ExecuteAsync(
                async token =>
                {
                    using var request = new HttpRequestMessage(verb, address);
                    if (hasBody) request.Content = new StringContent(given.ToJsonString(DoxJson.Options), Encoding.UTF8, "application/json");
                    request.Headers.TryAddWithoutValidation("Idempotency-Key", call.IdempotencyKey);
                    return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
                },
                cancellationToken);
            return await OutcomeAsync(response, cancellationToken);
        }
        catch (BrokenCircuitException)
        {
            return StepOutcome.Failure("service_down", $"{_name} failed too often; it is left alone for a moment.", 503);
        }
        catch (TimeoutRejectedException)
        {
            return StepOutcome.Failure("service_timeout", $"{_name} didn't answer within {_options.Timeout.TotalSeconds:0.#} s.", 504);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return StepOutcome.Failure("service_unreachable", $"{_name} can't be reached: {(e as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection broke"}.", 503);
        }
    }

    /// <summary>How the service says it fares, and how long it took to say so.</summary>
    public async Task<(string Status, string? Error)> CheckAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            using var response = await _http.GetAsync(new Uri(_base, _options.HealthPath.TrimStart('/')), HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return response.IsSuccessStatusCode ? ("healthy", null) : ("unhealthy", $"It answers {(int)response.StatusCode}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ("error", $"No answer within {_options.Timeout.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException e)
        {
            return ("error", $"It can't be reached: {e.HttpRequestError}.");
        }
    }

    public void Dispose() => _http.Dispose();

    private static PredicateBuilder<HttpResponseMessage> Failed() => new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>();

    /// <summary>The endpoint under the service's own address; null for one that would lead anywhere else.</summary>
    private Uri? AddressOf(string endpoint, JsonObject? query)
    {
        if (!endpoint.StartsWith('/') || endpoint.StartsWith("//", StringComparison.Ordinal) || endpoint.AsSpan().ContainsAny(NotInPaths)) return null;
        var path = Uri.UnescapeDataString(Uri.UnescapeDataString(endpoint.Split('?')[0]));
        if (path.Split('/', '\\').Any(s => s is ".." or ".") || !Uri.TryCreate(_base, endpoint[1..], out var address)) return null;
        if (address.Scheme != _base.Scheme || address.Authority != _base.Authority || !address.AbsolutePath.StartsWith(_base.AbsolutePath, StringComparison.Ordinal)) return null;
        if (query is not { Count: > 0 }) return address;
        var text = string.Join('&', query.Where(q => q.Value is not null).Select(q => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(q.Value is JsonValue value && value.TryGetValue<string>(out var plain) ? plain : q.Value!.ToJsonString())}"));
        return new UriBuilder(address) { Query = address.Query.Length > 1 ? $"{address.Query}&{text}" : text }.Uri;
    }

    private async Task<StepOutcome> OutcomeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (await ReadAsync(response, cancellationToken) is not { } text)
            return StepOutcome.Failure("answer_too_large", $"{_name} answered with more than {_options.MaxAnswerBytes} bytes.", 502, retryable: false);
        var body = JsonIn(text);
        if (response.IsSuccessStatusCode)
            return StepOutcome.Success(body is JsonObject ? body : new JsonObject { ["body"] = body ?? (text.Length > 0 ? JsonValue.Create(text) : null) });
        if (status is >= 300 and < 400) return StepOutcome.Failure("redirected", $"{_name} answered {status}; redirects aren't followed.", 502, retryable: false);
        var problem = body as JsonObject;
        var message = Text(problem?["detail"]) ?? Text(problem?["message"]) ?? Text(problem?["title"]) ?? Text(problem?["error"]) ?? "";
        message = message.Length > LongestMessage ? message[..LongestMessage] : message;
        return StepOutcome.Failure(Text(problem?["code"]) ?? $"http_{status}", $"{_name} answered {status}. {message}".TrimEnd(), status, body, retryable: status is >= 500 or 408 or 429);
    }

    private async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            await response.Content.LoadIntoBufferAsync(_options.MaxAnswerBytes, limit.Token);
            return await response.Content.ReadAsStringAsync(limit.Token);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutRejectedException();
        }
    }

    private static JsonNode? JsonIn(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}
