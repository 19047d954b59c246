using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KvSessions.AspNetCore;

/// <summary>Gives each request its session, and the client a plain answer when that fails.</summary>
internal sealed class KvSessionsMiddleware(
    RequestDelegate next,
    SessionFactory factory,
    SessionCookie cookie,
    LongRequests longRequests,
    IOptions<KvSessionsOptions> options,
    IServiceProviderIsService services,
    IServiceScopeFactory scopes,
    ILogger<KvSessionsMiddleware> logger)
{
    private readonly bool _createForEveryVisitor = options.Value.CreateForEveryVisitor;
    private readonly RequestSetup _setup = new(factory, cookie, scopes, services.IsService(typeof(IOutputCacheStore)), logger);

    public async Task InvokeAsync(HttpContext context)
    {
        var request = RequestSession.Of(context) ?? new RequestSession(context, _setup);
        if (!request.TryBegin())
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        if (_createForEveryVisitor)
        {
            request.OpenForVisitor();
        }

        var place = longRequests.Begin(request);
        try
        {
            await next(context).ConfigureAwait(false);
            await request.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            request.Abandon();
            if (request.HasStarted || SessionProblem.For(fault) is not { } problem)
            {
                throw;
            }

            if (problem.IsConflict)
            {
                logger.RequestConflicted(problem.StatusCode, fault.Message);
            }
            else
            {
                logger.RequestFailed(problem.StatusCode, fault);
            }

            context.Response.Clear();
            await problem.WriteAsync(context).ConfigureAwait(false);
        }
        finally
        {
            longRequests.End(request, place);
            request.Touch();
        }
    }
}
