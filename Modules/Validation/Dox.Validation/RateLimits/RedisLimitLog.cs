using System.Globalization;
using Dox.SharedKernel.Infrastructure.Transport.Redis;
using StackExchange.Redis;

namespace Dox.Validation.RateLimits;

/// <summary>The log on Redis, all of it in one script, by Redis's clock: processes may disagree about the time, and still never let in too many.</summary>
internal sealed class RedisLimitLog(RedisConnections connections) : ILimitLog
{
    private const string Script = """
        local window, limitUser, limitAccount, limitUserBytes, limitAccountBytes = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
        local interval, burst, member, bytes, count = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8], tonumber(ARGV[9]), ARGV[10] == '1'
        local now = tonumber(ARGV[11])
        if not now then
          local time = redis.call('TIME')
          now = time[1] * 1000000 + time[2]
        end
        local function text(number) return string.format('%.0f', number) end
        local function bytesOf(entry) return tonumber(string.match(entry, ':(%d+)$')) end

        local function trim(log, sum)
          local since = text(now - window)
          while true do
            local old = redis.call('ZRANGEBYSCORE', log, '-inf', since, 'LIMIT', 0, 1000)
            if #old == 0 then return end
            local left = 0
            for _, entry in ipairs(old) do left = left + bytesOf(entry) end
            redis.call('ZREM', log, unpack(old))
            redis.call('DECRBY', sum, text(left))
          end
        end

        local function waitForCount(log, over)
          return tonumber(redis.call('ZRANGE', log, over, over, 'WITHSCORES')[2]) + window - now
        end

        local function waitForBytes(log, over)
          local at = 0
          while true do
            local oldest = redis.call('ZRANGE', log, at, at + 499, 'WITHSCORES')
            for i = 1, #oldest, 2 do
              over = over - bytesOf(oldest[i])
              if over <= 0 then return tonumber(oldest[i + 1]) + window - now end
            end
            if #oldest < 1000 then return window end
            at = at + 500
          end
        end

        trim(KEYS[1], KEYS[3])
        trim(KEYS[2], KEYS[4])
        local known = redis.call('ZSCORE', KEYS[1], member)
        local users, accounts = redis.call('ZCARD', KEYS[1]), redis.call('ZCARD', KEYS[2])
        local userBytes, accountBytes = tonumber(redis.call('GET', KEYS[3]) or '0'), tonumber(redis.call('GET', KEYS[4]) or '0')
        local workedOff = math.max(tonumber(redis.call('GET', KEYS[5]) or '0'), now)
        local waits = {0, 0, 0, 0, 0}
        local free = true
        if not known then
          if users >= limitUser then waits[1] = waitForCount(KEYS[1], users - limitUser) end
          if accounts >= limitAccount then waits[2] = waitForCount(KEYS[2], accounts - limitAccount) end
          waits[3] = math.max(0, workedOff + interval - now - burst)
          if userBytes + bytes > limitUserBytes then waits[4] = waitForBytes(KEYS[1], userBytes + bytes - limitUserBytes) end
          if accountBytes + bytes > limitAccountBytes then waits[5] = waitForBytes(KEYS[2], accountBytes + bytes - limitAccountBytes) end
          for _, wait in ipairs(waits) do if wait > 0 then free = false end end
          if count and free then
            redis.call('ZADD', KEYS[1], text(now), member)
            redis.call('ZADD', KEYS[2], text(now), member)
            userBytes = redis.call('INCRBY', KEYS[3], text(bytes))
            accountBytes = redis.call('INCRBY', KEYS[4], text(bytes))
            local keep = text(math.ceil(window / 1000) + 60000)
            for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], keep) end
            redis.call('SET', KEYS[5], text(workedOff + interval), 'PX', keep)
            users, accounts, known = users + 1, accounts + 1, true
          end
        end
        local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
        local reset = oldest[2] and (tonumber(oldest[2]) + window - now) or 0
        return {known and 1 or 0, users, accounts, userBytes, accountBytes, waits[1], waits[2], waits[3], waits[4], waits[5], reset}
        """;

    private static readonly string[] s_waits = [LimitScopes.User, LimitScopes.Account, LimitScopes.Burst, LimitScopes.UserBytes, LimitScopes.AccountBytes];

    /// <summary>The time of tests; null: Redis's own.</summary>
    internal TimeProvider? Clock { get; set; }

    /// <summary>How long Redis may take; after that the other log answers.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether there is a Redis to ask.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(connections.Options.Host);

    /// <exception cref="RedisException">It can't be reached, or fails.</exception>
    /// <exception cref="TimeoutException">It doesn't answer.</exception>
    public async Task<Usage> AskAsync(LimitQuestion question, bool count, CancellationToken cancellationToken)
    {
        // Commands to a connection that is down would wait in line for it
        var redis = await connections.SharedAsync().WaitAsync(Patience, cancellationToken);
        if (!redis.Multiplexer.IsConnected) throw new TimeoutException("The connection to Redis is down.");
        var answer = (RedisResult[])(await redis.ScriptEvaluateAsync(Script, Keys(question), Values(question, count)).WaitAsync(Patience, cancellationToken))!;
        var numbers = Array.ConvertAll(answer, n => (long)n);
        var waits = s_waits.Select((scope, i) => (scope, Wait: TimeSpan.FromMicroseconds(numbers[5 + i]))).Where(w => w.Wait > TimeSpan.Zero).ToList();
        return new(numbers[0] == 1, (int)numbers[1], question.Limits.CountsAccount ? (int)numbers[2] : 0, numbers[3], numbers[4], waits, TimeSpan.FromMicroseconds(numbers[10]));
    }

    // The braces keep all keys of an account on one node of a cluster, which a script demands
    private RedisKey[] Keys(LimitQuestion question)
    {
        var account = $"{connections.Options.Prefix}:limit:{{{question.Quota}:{question.Account}}}";
        return [$"{account}:log:{question.User}", $"{account}:log", $"{account}:bytes:{question.User}", $"{account}:bytes", $"{account}:burst:{question.User}"];
    }

    private RedisValue[] Values(LimitQuestion question, bool count)
    {
        var limits = question.Limits;
        return
        [
            Micro(limits.Window), limits.User, limits.Account, limits.UserBytes, limits.AccountBytes, Micro(limits.Interval), Micro(limits.Burst),
            $"{question.Document:N}:{question.Bytes.ToString(CultureInfo.InvariantCulture)}", question.Bytes, count ? "1" : "0",
            Clock is null ? "" : Micro(Clock.GetUtcNow() - DateTimeOffset.UnixEpoch),
        ];
    }

    private static long Micro(TimeSpan time) => (long)time.TotalMicroseconds;
}
