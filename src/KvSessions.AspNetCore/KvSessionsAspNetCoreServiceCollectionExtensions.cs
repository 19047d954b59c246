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
        services.AddHttpContextAccessor();
        services.TryAddSingleton<SessionCookie>();
        services.TryAddSingleton<RecentIds>();
        services.TryAddSingleton<LongRequests>();
        services.TryAddScoped(static provider => provider.GetRequiredService<IHttpContextAccessor>().HttpContext is { } context
            ? context.GetKvSession()
            : throw new InvalidOperationException("There is no HTTP request here, and so no session."));
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
