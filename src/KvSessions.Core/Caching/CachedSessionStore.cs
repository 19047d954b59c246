namespace KvSessions;

/// <summary>
/// A store with a cache before it. Whatever is written goes to the store first, then to the cache; reads are answered from the cache where
/// it holds the session. <c>AddMemoryCache</c> and <c>AddCache</c> put one before the store of an application.
/// </summary>
/// <remarks>
/// <para>Reads through it are as good as reads of the store itself for all that is written through it; what other processes write shows
/// after <see cref="SessionCacheOptions.MaxStaleness"/> at the latest. But for <see cref="SessionCacheOptions.ServeStaleWhenUnavailable"/>,
/// a fault of the store is never covered up.</para>
/// <para>It is an <see cref="ISubjectSessionStore"/> and an <see cref="ISubjectLimitStore"/> where the store is. What else the store can do
/// is asked of <see cref="Inner"/>. Disposing is up to whoever made the stores.</para>
/// <para>A time last seen may be older than the store's if another node has touched the session: that changes no version. A session is
/// never held to be over for that: the store is asked first.</para>
/// </remarks>
public class CachedSessionStore : ISessionStore
{
    private static readonly TimeSpan DefaultOperationTimeout = TimeSpan.FromSeconds(1);

    private protected CachedSessionStore(ISessionStore inner, SessionCache cache) => (Inner, Cache) = (inner, cache);

    /// <summary>The store behind the cache, which may have a cache itself.</summary>
    public ISessionStore Inner { get; }

    /// <summary>The store that serves as the cache; <see langword="null"/> for the memory of the process.</summary>
    internal ISessionStore? CacheStore => Cache.Store;

    internal SessionCache Cache { get; }

    /// <summary>Puts the memory of the process before a store.</summary>
    /// <param name="inner">The store.</param>
    /// <param name="options">The settings; the defaults if <see langword="null"/>. Later changes to them have no effect.</param>
    /// <param name="timeProvider">The clock by which entries age, and by which sessions are seen to expire; the system's if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static CachedSessionStore InMemory(ISessionStore inner, SessionCacheOptions? options = null, TimeProvider? timeProvider = null) =>
        InMemory(inner, options, timeProvider, coherence: null, new CacheFigures(null, SessionCacheOptions.Name), DefaultOperationTimeout);

    internal static CachedSessionStore InMemory(
        ISessionStore inner,
        SessionCacheOptions? options,
        TimeProvider? timeProvider,
        ICoherence? coherence,
        CacheFigures figures,
        TimeSpan operationTimeout)
    {
        ArgumentNullException.ThrowIfNull(inner);
        options ??= new SessionCacheOptions();
        SessionCacheOptionsValidator.ThrowIfInvalid(options);
        return Create(inner, new MemorySessionCache(inner, options, timeProvider ?? TimeProvider.System, coherence, figures, operationTimeout));
    }

    /// <summary>Puts a store that nodes may share before another one.</summary>
    /// <param name="inner">The store.</param>
    /// <param name="cache">
    /// The store that serves as the cache, and as nothing else: its sessions are those of <paramref name="inner"/>, each in a form of its own.
    /// </param>
    /// <param name="options">The settings; the defaults if <see langword="null"/>. Later changes to them have no effect.</param>
    /// <param name="timeProvider">The clock by which sessions are seen to expire; the system's if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static CachedSessionStore Shared(
        ISessionStore inner, ISessionStore cache, SharedCacheOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        return Shared(inner, cache, options, timeProvider, new CacheFigures(null, cache.GetType().Name), DefaultOperationTimeout);
    }

    internal static CachedSessionStore Shared(
        ISessionStore inner,
        ISessionStore cache,
        SharedCacheOptions? options,
        TimeProvider? timeProvider,
        CacheFigures figures,
        TimeSpan operationTimeout)
    {
        ArgumentNullException.ThrowIfNull(inner);
        options ??= new SharedCacheOptions();
        SharedCacheOptionsValidator.ThrowIfInvalid(options);
        return Create(inner, new SharedSessionCache(inner, cache, options, timeProvider ?? TimeProvider.System, figures, operationTimeout));
    }

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) => Cache.LoadAsync(handle, 0, ct);

    /// <inheritdoc/>
    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return WriteAsync(
            record.Handle,
            record,
            static (store, _, record, ct) => store.CreateAsync(record, ct),
            static (cache, write, _, _) => cache.AppearedAsync(write.Handle),
            ct);
    }

    /// <inheritdoc/>
    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return WriteAsync(
            handle,
            changes,
            static (store, handle, changes, ct) => store.SaveAsync(handle, changes, ct),
            static (cache, write, changes, result) => cache.SavedAsync(write, changes, result),
            ct);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) =>
        WriteAsync(
            handle,
            false,
            static (store, handle, _, ct) => store.DeleteAsync(handle, ct),
            static (cache, write, _, deleted) => deleted ? cache.EndedAsync(write.Handle) : cache.FoundEndedAsync(write.Handle),
            ct);

    /// <inheritdoc/>
    public async ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(renewed);
        ct.ThrowIfCancellationRequested();
        var (ending, beginning) = (Cache.BeginWrite(old), Cache.BeginWrite(renewed.Handle));
        try
        {
            var result = await EndAsync(Inner.RenewAsync(old, renewed, ct), ct).ConfigureAwait(false);
            await ReplacedAsync(old, renewed, result).ConfigureAwait(false);
            return result;
        }
        catch (Exception fault) when (LeavesDoubt(fault))
        {
            await DoubtAsync(old, renewed).ConfigureAwait(false);
            throw;
        }
        finally
        {
            Cache.EndWrite(ending);
            Cache.EndWrite(beginning);
        }
    }

    internal static CachedSessionStore Create(ISessionStore inner, SessionCache cache) =>
        inner switch
        {
            ISubjectLimitStore limits => new CachedSubjectLimitStore(limits, cache),
            ISubjectSessionStore subjects => new CachedSubjectSessionStore(subjects, cache),
            _ => new CachedSessionStore(inner, cache),
        };

    /// <summary>Loads a session of which the caller knows a version: what the cache holds of an older one is no answer.</summary>
    internal ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, long atLeast, CancellationToken ct) => Cache.LoadAsync(handle, atLeast, ct);

    private protected async ValueTask ReplacedAsync(SessionHandle? old, SessionRecord renewed, SaveResult result)
    {
        await Cache.AppearedAsync(renewed.Handle).ConfigureAwait(false);
        if (old is { } handle)
        {
            await ReplacedAsync(handle, result.Status).ConfigureAwait(false);
        }
    }

    // Of a session that was gone the other nodes need not hear: this call has ended nothing.
    private ValueTask ReplacedAsync(SessionHandle old, SaveStatus status) =>
        status switch
        {
            SaveStatus.Saved => Cache.EndedAsync(old),
            SaveStatus.Gone => Cache.GoneAsync(old),
            _ => Cache.DroppedAsync(old),
        };

    private async ValueTask<TResult> WriteAsync<TArgs, TResult>(
        SessionHandle handle,
        TArgs args,
        Func<ISessionStore, SessionHandle, TArgs, CancellationToken, ValueTask<TResult>> writeAsync,
        Func<SessionCache, PendingWrite, TArgs, TResult, ValueTask> noteAsync,
        CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var write = Cache.BeginWrite(handle);
        try
        {
            var result = await EndAsync(writeAsync(Inner, handle, args, ct), ct).ConfigureAwait(false);
            await noteAsync(Cache, write, args, result).ConfigureAwait(false);
            return result;
        }
        catch (Exception fault) when (LeavesDoubt(fault))
        {
            await Cache.DoubtAsync(handle, args is SessionChanges { IsTouch: true }).ConfigureAwait(false);
            throw;
        }
        finally
        {
            Cache.EndWrite(write);
        }
    }

    private protected async ValueTask DoubtAsync(SessionHandle? old, SessionRecord renewed)
    {
        await Cache.DoubtAsync(renewed.Handle, isTouch: false).ConfigureAwait(false);
        if (old is { } handle)
        {
            await Cache.DoubtAsync(handle, isTouch: false).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a write that failed like this may have been applied, or may yet be.</summary>
    private protected static bool LeavesDoubt(Exception fault) =>
        fault is not (SessionLimitException
            or ArgumentException
            or SessionStoreException { Error: SessionStoreError.Unavailable or SessionStoreError.Corrupt });

    // A driver may go on after its caller has given up. The caller's answer is that nobody knows, and the cache has to hear that before he does.
    private protected static ValueTask<T> EndAsync<T>(ValueTask<T> pending, CancellationToken ct)
    {
        return pending.IsCompleted || !ct.CanBeCanceled ? pending : WaitAsync(pending.AsTask(), ct);

        static async ValueTask<T> WaitAsync(Task<T> pending, CancellationToken ct)
        {
            try
            {
                return await pending.WaitAsync(ct).ConfigureAwait(false);
            }
            finally
            {
                if (!pending.IsCompleted)
                {
                    _ = pending.ContinueWith(
                        static late => late.Exception,
                        CancellationToken.None,
                        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default);
                }
            }
        }
    }
}
