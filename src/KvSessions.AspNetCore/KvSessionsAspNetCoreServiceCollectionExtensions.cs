using KvSessions;
using KvSessions.AspNetCore;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds KvSessions to a web application.</summary>
public static class KvSessionsAspNetCoreServiceCollectionExtensions
{
    /// <summary>
    /// Adds sessions. Give the builder that this returns a store, and call <c>app.UseKvSessions()</c>; then <see cref="Session"/> can be a
    /// parameter of any handler. Options are validated when the application starts.
    /// </summary>
    public static KvSessionsBuilder AddKvSessions(this IServiceCollection services, Action<KvSessionsOptions>? configure = null)
    {
        var builder = services.AddKvSessionsCore(configure);
        services.TryAddSingleton<SessionCookie>();
        services.TryAddSingleton<RecentIds>();
        services.TryAddSingleton<LongRequests>();
        services.TryAddScoped<ServedRequest>();
        services.TryAddScoped(static scope => scope.GetRequiredService<ServedRequest>().Session?.Session
            ?? scope.GetService<IHttpContextAccessor>()?.HttpContext?.GetKvSession()
            ?? throw new InvalidOperationException(
                "There is no HTTP request here that has passed app.UseKvSessions(), and so no session. To have one also in scopes that are not the request's own, as SignalR makes for its hubs, call AddHttpContextAccessor(), or take it from HttpContext.GetKvSession()."));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SessionCookieOptions>, SessionCookieOptionsValidator>());
        services.AddOptions<SessionCookieOptions>().ValidateOnStart();
        return builder;
    }

    /// <summary>Configures the cookie that carries the session's id.</summary>
    public static KvSessionsBuilder ConfigureCookie(this KvSessionsBuilder builder, Action<SessionCookieOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(configure);
        return builder;
    }
}
