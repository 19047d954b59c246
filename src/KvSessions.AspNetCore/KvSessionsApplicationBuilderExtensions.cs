using KvSessions.AspNetCore;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts KvSessions into the pipeline.</summary>
public static class KvSessionsApplicationBuilderExtensions
{
    /// <summary>
    /// Gives every request that passes here its session. Put it after exception handling and routing, and before whatever uses the session.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>AddKvSessions</c> was not called.</exception>
    public static IApplicationBuilder UseKvSessions(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.ApplicationServices.GetService<IServiceProviderIsService>()?.IsService(typeof(SessionCookie)) == false)
        {
            throw new InvalidOperationException(
                "UseKvSessions() needs the services of KvSessions: call builder.Services.AddKvSessions() and add a store.");
        }

        return app.UseMiddleware<KvSessionsMiddleware>();
    }

    /// <summary>Lets endpoints go on when the session store fails; see <see cref="SessionFailOpenAttribute"/>.</summary>
    public static TBuilder WithSessionFailOpen<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new SessionFailOpenAttribute());
}
