using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace KvSessions.AspNetCore;

/// <summary>
/// The services of a request, with its session among them. It stands in for the request's scope, which is made when something else is
/// asked for: a handler that takes its session and nothing more does without.
/// </summary>
/// <remarks>
/// Scopes of the framework's own container are of a type that nobody else can name, so that nobody misses it. Other containers hand out
/// types that applications cast to: their scopes are not stood in for, and neither is what the application puts in the place of one.
/// </remarks>
internal sealed class RequestServices : IServiceProvidersFeature, IKeyedServiceProvider, IAsyncDisposable
{
    private readonly RequestSession _request;
    private readonly RequestSetup _setup;
    private readonly bool _standsIn;
    private volatile IServiceProvider? _scope;
    private AsyncServiceScope? _own;
    private IServiceProvider? _replacement;
    private bool _isDisposed;

    /// <param name="request">The request.</param>
    /// <param name="present">Where middleware that comes before has got its services, if it needed some: then there is a scope already.</param>
    /// <param name="setup">What makes a scope otherwise.</param>
    public RequestServices(RequestSession request, IServiceProvidersFeature? present, RequestSetup setup)
    {
        (_request, _setup) = (request, setup);
        _standsIn = present is null && setup.IsDefaultContainer;
        _scope = present is null ? null : Tell(present.RequestServices);
    }

    IServiceProvider IServiceProvidersFeature.RequestServices
    {
        get
        {
            _request.WatchEnd();
            return _replacement ?? (_standsIn ? this : Scope);
        }

        // Whoever replaces it for a while puts back what was there.
        set => _replacement = value == this ? null : Tell(value);
    }

    private IServiceProvider Scope => _scope ?? MakeScope();

    public object? GetService(Type serviceType) =>
        serviceType == typeof(Session) ? _request.Session : Scope.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) => Scope.GetKeyedService(serviceType, serviceKey);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => Scope.GetRequiredKeyedService(serviceType, serviceKey);

    public ValueTask DisposeAsync()
    {
        lock (_request)
        {
            _isDisposed = true;
        }

        return _own?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    // Several threads get the same one, and none of them goes near the request's context, which is for one at a time.
    private IServiceProvider MakeScope()
    {
        lock (_request)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _scope ??= Tell((_own = _setup.Scopes.CreateAsyncScope()).Value.ServiceProvider);
        }
    }

    private IServiceProvider Tell(IServiceProvider services)
    {
        _request.WatchEnd();

        // The container itself, of which the application's tests may make do, serves all requests.
        if (services is not ServiceProvider)
        {
            services.GetService<ServedRequest>()?.Session = _request;
        }

        return services;
    }
}
