using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KvSessions.AspNetCore;

/// <summary>What the sessions of all requests have in common.</summary>
/// <param name="Factory">Opens them.</param>
/// <param name="Cookie">Carries their ids.</param>
/// <param name="Scopes">Makes the scopes that requests take their services from.</param>
/// <param name="HasOutputCache">Whether the application uses ASP.NET Core's output cache.</param>
/// <param name="Logger">The middleware's.</param>
internal sealed record RequestSetup(
    SessionFactory Factory, SessionCookie Cookie, IServiceScopeFactory Scopes, bool HasOutputCache, ILogger Logger)
{
    /// <summary>Whether the scopes are of the framework's own container.</summary>
    public bool IsDefaultContainer { get; } = Scopes.GetType().Assembly == typeof(ServiceProvider).Assembly;
}
