using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvSessions.AspNetCore;

/// <summary>The session of one HTTP request: opens it when it is asked for, and sees that it is saved before the client hears of it.</summary>
/// <remarks>
/// The server uses the context again for the next request, perhaps another visitor's. A session may outlive its request, in something that
/// goes on in the background; from the request's end on it stays away from the context.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The body is a stream that holds nothing to dispose of.")]
internal sealed class RequestSession : ISessionTransport
{
    private readonly HttpContext _context;
    private readonly RequestSetup _setup;
    private readonly SessionId? _id;

    // Those that make a scope of their own, which ends with the request.
    private RequestServices? _services;

    private CommittingResponseBody? _body;
    private Session? _session;
    private ExceptionDispatchInfo? _commitFault;
    private bool _isObserved;
    private bool _isChanged;
    private bool _isOver;
    private bool _isWatched;
    private volatile bool _isEnded;
    private bool _isWithdrawn;
    private bool _isLong;
    private Issued? _issued;

    public RequestSession(HttpContext context, RequestSetup setup)
    {
        (_context, _setup) = (context, setup);
        _id = setup.Cookie.Read(context.Request);
        context.Features[typeof(RequestSession)] = this;
    }

    /// <summary>What the middleware has made of a request before, if it has come that far.</summary>
    public static RequestSession? Of(HttpContext context) => (RequestSession?)context.Features[typeof(RequestSession)];

    // Those who ask at the same time get the same.
    public Session Session => _session ?? Interlocked.CompareExchange(ref _session, Open(), null) ?? _session;

    // While the callbacks run that are registered with OnStarting, the response has not started yet.
    public bool CanIssue => !HasStarted;

    public bool HasStarted => !IsUnderWay || _context.Response.HasStarted;

    // By the indexer: a call of a generic method of an interface is resolved anew each time.
    private IHttpResponseBodyFeature Body
    {
        get => (IHttpResponseBodyFeature)_context.Features[typeof(IHttpResponseBodyFeature)]!;
        set => _context.Features[typeof(IHttpResponseBodyFeature)] = value;
    }

    // Not all responses tell of their end: somebody may have put one of his own in the place of the server's for a while.
    private bool IsUnderWay => !_isEnded && Of(_context) == this;

    private bool FailsOpen => _context.GetEndpoint()?.Metadata.GetMetadata<SessionFailOpenAttribute>() is not null;

    /// <summary>Has the request tell of its end. To be called before anything gets hold of this that may outlive it.</summary>
    public void WatchEnd()
    {
        if (!_isWatched)
        {
            _isWatched = true;
            if (IsUnderWay)
            {
                _context.Response.OnCompleted(static state => ((RequestSession)state).EndAsync(), this);
            }
        }
    }

    public void OnAccess()
    {
        if (!_isObserved && CanIssue)
        {
            _isObserved = true;
            _context.Response.OnStarting(static state => ((RequestSession)state).OnStartingAsync(), this);
            KeepFromSharedCaches();
        }
    }

    public void OnChange()
    {
        if (_isOver && !HasStarted)
        {
            // Not refused: the answer that says what has failed may be on its way, through callbacks that change something.
            _session?.DiscardChanges();
            _setup.Logger.ChangedAfterFailure();
            return;
        }

        if (_body is null && HasStarted)
        {
            _session?.DiscardChanges();
            throw new InvalidOperationException("The request is over: what is changed in its session now would never be saved.");
        }

        _isChanged = true;
        if (CanIssue)
        {
            // Callbacks run in the reverse order of their registration: the session's own may have run before another one changes something.
            OnAccess();
            _body?.Hold();
            if (_id is null)
            {
                // There will be a cookie.
                ForbidSharedCaching();
            }
        }
    }

    /// <summary>
    /// Begins to handle the request, for the first time or again: an error page is often made by sending the same request through the
    /// pipeline once more, and goes on with the same session.
    /// </summary>
    /// <returns><see langword="false"/> if that is under way already.</returns>
    public bool TryBegin()
    {
        if (_body is not null)
        {
            return false;
        }

        // What was deleted is over, and the page that tells of it has a session like any other. What was changed in between counts.
        if (!HasChanges)
        {
            _session?.DiscardChanges();
        }

        // Middleware that makes a scope for each time that it handles a request puts it in the place of what is there.
        var present = (IServiceProvidersFeature?)_context.Features[typeof(IServiceProvidersFeature)];
        if (present is not RequestServices)
        {
            _context.Features[typeof(IServiceProvidersFeature)] =
                present is null ? _services ??= new RequestServices(this, null, _setup) : new RequestServices(this, present, _setup);
        }

        (_isOver, _commitFault) = (false, null);
        _body = new CommittingResponseBody(Body, this);
        Body = _body;
        return true;
    }

    /// <summary>Opens the session although nobody has asked for it, so that there will be one.</summary>
    public void OpenForVisitor()
    {
        _ = Session;
        OnAccess();
        OnChange();
    }

    public void Issue(SessionId id, SaveResult saved)
    {
        _issued = new Issued(id, saved);
        SendCookie();
    }

    public void Withdraw()
    {
        (_issued, _isWithdrawn) = (null, true);
        if (CanIssue)
        {
            // The client may not have an id to forget, and has no use for one that was issued and is over.
            _setup.Cookie.Retract(_context);
        }

        SendCookie();
    }

    /// <summary>The handler is through: saves what is left to save, and sends what is left to send.</summary>
    public async Task CompleteAsync()
    {
        if (_session is not null)
        {
            await CommitAsync().ConfigureAwait(false);
            await _body!.FlushWriterAsync().ConfigureAwait(false);
        }

        // Middleware that has put its own body on top, and left it there, meant it to stay.
        if (!_isEnded && Body == _body)
        {
            Body = _body!.Inner;
        }

        _body = null;
    }

    /// <summary>The request has failed: nothing that is buffered, in the session or on its way to the client, counts any more.</summary>
    public void Abandon()
    {
        _isOver = true;
        _session?.DiscardChanges();
        if (IsUnderWay)
        {
            Body = _body!.Inner;
        }

        _body = null;
    }

    /// <summary>Called now and then while the request goes on, beside whatever it does.</summary>
    /// <returns>Whether that is not for the first time.</returns>
    public bool TouchIfLong()
    {
        // What is over at once is touched then: it may yet save, which is a touch as well.
        if (!_isLong)
        {
            _isLong = true;
            return false;
        }

        Touch();
        return true;
    }

    /// <summary>The session that the request carried, or has now, was seen.</summary>
    public void Touch()
    {
        if (_session is not null)
        {
            _setup.Factory.Touch(_session);
        }
        else if (_id is not null)
        {
            _setup.Factory.Touch(_id);
        }
    }

    /// <summary>Whether the session has something to save.</summary>
    public bool HasChanges => _session is { HasChanges: true };

    /// <summary>Saves what the session has to save, and fails if that has failed before.</summary>
    // Of a session that was only read, until the response starts, the cookie may have to be sent again: before the touch, which puts that off.
    public Task CommitAsync() =>
        _isChanged || _isObserved || (_commitFault is not null && CanIssue) ? CommitSessionAsync() : Task.CompletedTask;

    private Session Open()
    {
        WatchEnd();
        return _setup.Factory.Open(_id, this, IsUnderWay && FailsOpen);
    }

    private Task EndAsync()
    {
        _isEnded = true;
        return _services?.DisposeAsync().AsTask() ?? Task.CompletedTask;
    }

    // A commit that failed fails for good: whoever caught it first must not make the response look like a success.
    private async Task CommitSessionAsync()
    {
        _commitFault?.Throw();
        try
        {
            // Before the save: what is changed while that is under way is left to save.
            _isChanged = false;
            await Session.CommitAsync().ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            _commitFault = ExceptionDispatchInfo.Capture(fault);
            throw;
        }
    }

    private async Task OnStartingAsync()
    {
        _isObserved = false;
        if (!_isOver)
        {
            // Reached with something to save only by a write that went past the body, as to a stream taken before the middleware.
            await CommitSessionAsync().ConfigureAwait(false);
        }

        KeepFromSharedCaches();
        SendCookie();
        (_issued, _isWithdrawn) = (null, false);
    }

    // At once, for there are caches that decide before the response starts; and when it starts, for somebody may have cleared the headers.
    private void SendCookie()
    {
        var isWithdrawal = _isWithdrawn && _id is not null;
        if ((_issued is null && !isWithdrawal) || !CanIssue)
        {
            return;
        }

        if (_issued is (var id, var saved))
        {
            _setup.Cookie.Issue(_context, id, saved);
        }
        else
        {
            _setup.Cookie.Withdraw(_context);
        }

        ForbidSharedCaching();
    }

    // A cache that knows nothing of cookies would show one visitor's page to the next.
    private void KeepFromSharedCaches()
    {
        if (_setup.HasOutputCache)
        {
            _context.Features.Get<IOutputCacheFeature>()?.Context.AllowCacheStorage = false;
        }

        var headers = _context.Response.Headers;
        var vary = headers.Vary;
        if (StringValues.IsNullOrEmpty(vary))
        {
            headers.Vary = HeaderNames.Cookie;
        }
        else if ((vary.Count > 1 || !IsEnough(vary[0])) && !headers.GetCommaSeparatedValues(HeaderNames.Vary).Any(IsEnough))
        {
            headers.AppendCommaSeparatedValues(HeaderNames.Vary, HeaderNames.Cookie);
        }
    }

    private static bool IsEnough(string? vary) => vary == "*" || string.Equals(vary, HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase);

    // A cache that kept the Set-Cookie would hand one visitor's session to the next.
    private void ForbidSharedCaching()
    {
        var headers = _context.Response.GetTypedHeaders();
        if (headers.CacheControl is not { } present || !(present.Private || present.NoStore))
        {
            headers.CacheControl = new CacheControlHeaderValue { NoCache = true, NoStore = true };
        }
    }

    private sealed record Issued(SessionId Id, SaveResult Saved);
}
