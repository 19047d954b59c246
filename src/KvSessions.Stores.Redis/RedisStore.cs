using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>
/// Keeps sessions in Redis 6.2 or later: one hash a session, every method one round trip, and what has to be atomic one script.
/// </summary>
/// <remarks>
/// <para>The clock that decides is the server's, to the millisecond. A node whose clock is wrong sees nothing of it. After a failover it is
/// the clock of the server that was promoted: if that is five minutes ahead, sessions end five minutes early.</para>
/// <para>Redis forgets expired sessions by itself, so there is nothing to sweep. All calls go to the master, reads too.</para>
/// <para>What an acknowledged write survives is the server's setting (<c>appendonly</c>, <c>appendfsync</c>, replicas), and so is whether
/// it may evict sessions (<c>maxmemory-policy</c>).</para>
/// <para>On a Redis Cluster all keys have to be in one slot: give <see cref="RedisStoreOptions.KeyPrefix"/> a hash tag, such as
/// <c>{sessions}</c>. Without one every call there is unavailable.</para>
/// <para>The driver cannot take back what it has sent: a call that is cancelled then ends at once, and may or may not be applied.</para>
/// </remarks>
public sealed class RedisStore : ISubjectLimitStore, IVersionedSessionStore, IAsyncDisposable
{
    private readonly KeyNames _names;
    private readonly RedisConnection _connection;
    private readonly ServerCheck _check;

    /// <summary>A store with a connection of its own, which is made when it is first needed and kept.</summary>
    /// <param name="configuration">
    /// The servers and how to connect to them, in the form of StackExchange.Redis
    /// (https://stackexchange.github.io/StackExchange.Redis/Configuration), for example <c>localhost:6379</c>. What it does not say has
    /// defaults that suit an operation timeout of one second: <c>abortConnect=false</c>, <c>connectTimeout=2000</c>,
    /// <c>asyncTimeout=750</c>, <c>keepAlive=15</c>; and a command for a server that is away fails at once.
    /// </param>
    /// <param name="options">The settings; later changes to them have no effect.</param>
    /// <param name="logger">Hears of lost connections; nobody by default.</param>
    /// <exception cref="ArgumentException">The configuration cannot be read, or an option is out of range.</exception>
    public RedisStore(string configuration, RedisStoreOptions? options = null, ILogger<RedisStore>? logger = null)
        : this(RedisConfiguration.Parse(configuration), options, logger)
    {
    }

    /// <summary>A store with a connection of its own, which is made when it is first needed and kept.</summary>
    /// <param name="configuration">
    /// How to connect, taken as it is. Set <see cref="ConfigurationOptions.AsyncTimeout"/> below the operation timeout, and
    /// <see cref="ConfigurationOptions.BacklogPolicy"/> to <see cref="BacklogPolicy.FailFast"/>, so that a write that was never sent is
    /// reported as that and not as an unknown outcome.
    /// </param>
    /// <param name="options">The settings; later changes to them have no effect.</param>
    /// <param name="logger">Hears of lost connections; nobody by default.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public RedisStore(ConfigurationOptions configuration, RedisStoreOptions? options = null, ILogger<RedisStore>? logger = null)
        : this(options, logger, (allowsCluster, log) => new RedisConnection(NotNull(configuration), allowsCluster, log))
    {
    }

    /// <summary>A store on a connection that belongs to the caller, who disposes it.</summary>
    /// <param name="multiplexer">The connection. See the other constructor for the settings that it should have.</param>
    /// <param name="options">The settings; later changes to them have no effect.</param>
    /// <param name="logger">Hears of faults; nobody by default.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public RedisStore(IConnectionMultiplexer multiplexer, RedisStoreOptions? options = null, ILogger<RedisStore>? logger = null)
        : this(options, logger, (allowsCluster, log) => new RedisConnection(NotNull(multiplexer), allowsCluster, log))
    {
    }

    private RedisStore(RedisStoreOptions? options, ILogger? logger, Func<bool, ILogger, RedisConnection> connect)
    {
        options ??= new RedisStoreOptions();
        RedisStoreOptionsValidator.ThrowIfInvalid(options);
        var log = logger ?? NullLogger.Instance;
        _names = new KeyNames(options.KeyPrefix);
        _connection = connect(_names.HasHashTag, log);
        _check = new ServerCheck(_connection, log);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) =>
        SessionHash.Read(handle, await _connection.ReadHashAsync(_names.Session(handle), ct).ConfigureAwait(false));

    /// <inheritdoc/>
    /// <remarks>Two round trips for a session that is not there: only a whole hash shows that it is not merely damaged.</remarks>
    public async ValueTask<long?> LoadVersionAsync(SessionHandle handle, CancellationToken ct = default)
    {
        ReadOnlyMemory<byte> meta = await _connection.ReadFieldAsync(_names.Session(handle), SessionHash.MetaField, ct).ConfigureAwait(false);
        return meta.IsEmpty
            ? (await LoadAsync(handle, ct).ConfigureAwait(false))?.Version
            : SessionHash.ReadSaved(handle, meta.Span).Version;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        var result = await PutAsync(null, record, null, ct).ConfigureAwait(false);
        return result.Save.Status == SaveStatus.Saved;
    }

    /// <inheritdoc/>
    public async ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var result = await _connection.RunAsync(
            RedisScript.Save, [_names.Session(handle)], SaveArguments.Of(changes, _names.Root), isWrite: true, ct).ConfigureAwait(false);
        if (result.Resp2Type == ResultType.Array)
        {
            changes.Limits.Check((int)result[1], (long)result[2]);
        }

        return Saved(handle, (RedisValue)result);
    }

    /// <inheritdoc/>
    /// <remarks>A session that cannot be read is ended all the same.</remarks>
    public async ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) =>
        (int)await _connection.RunAsync(RedisScript.Delete, [_names.Session(handle)], [_names.Root], isWrite: true, ct).ConfigureAwait(false) == 1;

    /// <inheritdoc/>
    public async ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(renewed);
        var result = await PutAsync(old, renewed, null, ct).ConfigureAwait(false);
        return result.Save;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="record"/> has no subject.</exception>
    public ValueTask<AdmitResult> AdmitAsync(
        SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(limit);
        return record.Subject is null
            ? throw new ArgumentException("The session has no subject.", nameof(record))
            : PutAsync(old, record, limit, ct);
    }

    /// <inheritdoc/>
    /// <remarks>The order is that of the handles' texts.</remarks>
    /// <exception cref="ArgumentException"><paramref name="continuation"/> is not one that this method gave.</exception>
    public async ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        var after = RedisValue.EmptyString;
        if (continuation is not null)
        {
            after = SessionHandle.TryParse(continuation, out var last)
                ? (RedisValue)KeyNames.Member(last)
                : throw new ArgumentException("This is no continuation of an earlier page.", nameof(continuation));
        }

        // One more than the page holds tells whether there is a next one.
        var found = (RedisResult[])(await _connection.RunAsync(
            RedisScript.Find, [_names.IndexOf(subject)], [_names.Root, after, pageSize + 1L], isWrite: false, ct).ConfigureAwait(false))!;
        var records = new List<SessionRecord>(Math.Min(found.Length, pageSize));
        foreach (var session in found.AsSpan(0, Math.Min(found.Length, pageSize)))
        {
            var handle = ReadHandle((RedisValue)session[0]);
            records.Add(SessionHash.Read(handle, Fields((RedisValue[])session[1]!))!);
        }

        return new SessionPage(records, found.Length > pageSize ? records[^1].Handle.ToString() : null);
    }

    /// <inheritdoc/>
    /// <remarks>A session that cannot be read is ended all the same.</remarks>
    public async ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var kept = except is { } handle ? (RedisValue)KeyNames.Member(handle) : RedisValue.EmptyString;
        var ended = await _connection.RunAsync(
            RedisScript.Revoke, [_names.IndexOf(subject)], [_names.Root, kept], isWrite: true, ct).ConfigureAwait(false);
        return Array.ConvertAll((RedisValue[])ended!, ReadHandle);
    }

    /// <summary>Closes the connection, unless it belongs to the caller. After that every call throws <see cref="ObjectDisposedException"/>.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>Looks at the settings of the servers, and warns of those that endanger sessions.</summary>
    /// <returns>Whether all of them could be asked.</returns>
    internal Task<bool> CheckServersAsync(CancellationToken ct) => _check.RunAsync(ct);

    /// <summary>The connection, for those who share it.</summary>
    internal ValueTask<IConnectionMultiplexer> GetMultiplexerAsync(CancellationToken ct) => _connection.GetMultiplexerAsync(ct);

    private async ValueTask<AdmitResult> PutAsync(SessionHandle? old, SessionRecord record, SubjectLimit? limit, CancellationToken ct)
    {
        var owner = record.Subject is { } subject ? KeyNames.Owner(subject) : null;
        List<RedisKey> keys = [_names.Session(record.Handle)];
        if (old is { } replaced)
        {
            keys.Add(_names.Session(replaced));
        }

        if (owner is not null)
        {
            keys.Add(_names.Index(owner));
        }

        var arguments = PutArguments.Of(record, old is not null, owner, limit, _names.Root);
        var result = await _connection.RunAsync(RedisScript.Put, [.. keys], arguments, isWrite: true, ct).ConfigureAwait(false);
        if (result.Resp2Type != ResultType.Array)
        {
            return (string?)result == "refused" ? AdmitResult.Refused : AdmitResult.NotSaved(Saved(old ?? record.Handle, (RedisValue)result));
        }

        var parts = (RedisValue[])result!;
        return AdmitResult.Admitted(Saved(record.Handle, parts[0]), Array.ConvertAll(parts[1..], ReadHandle));
    }

    private static SaveResult Saved(SessionHandle handle, RedisValue answer)
    {
        ReadOnlyMemory<byte> bytes = answer;
        return bytes.Span switch
        {
            [(byte)'1', ..] => SessionHash.ReadSaved(handle, bytes.Span),
            [(byte)'g', ..] => SaveResult.Gone,
            [(byte)'c', (byte)'o', (byte)'n', ..] => SaveResult.Conflict,
            _ => throw SessionHash.Corrupt(handle),
        };
    }

    private static SessionHandle ReadHandle(RedisValue member) => SessionHandle.Parse(member.ToString(), CultureInfo.InvariantCulture);

    private static HashEntry[] Fields(RedisValue[] flat)
    {
        var fields = new HashEntry[flat.Length / 2];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = new HashEntry(flat[2 * i], flat[(2 * i) + 1]);
        }

        return fields;
    }

    private static T NotNull<T>(T argument, [CallerArgumentExpression(nameof(argument))] string? name = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(argument, name);
        return argument;
    }
}
