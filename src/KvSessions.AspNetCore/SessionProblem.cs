using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace KvSessions.AspNetCore;

/// <summary>
/// What a client is told of a fault of the session: problem details (RFC 9457) that hold nothing of the exception. An application that
/// wants to say it otherwise registers an <see cref="IProblemDetailsWriter"/>, or customizes <c>AddProblemDetails</c>.
/// </summary>
internal sealed record SessionProblem(int StatusCode, string Detail)
{
    /// <summary>The answer to a fault, or <see langword="null"/> if it is none of the session's.</summary>
    public static SessionProblem? For(Exception fault) =>
        fault switch
        {
            SessionStoreException { Error: SessionStoreError.UnknownOutcome } => new(
                StatusCodes.Status503ServiceUnavailable, "The session store did not confirm a change, which may or may not have been made."),
            SessionStoreException => new(StatusCodes.Status503ServiceUnavailable, "The session store is not available."),
            SessionGoneException => new(StatusCodes.Status409Conflict, "The session ended while the request was using it."),
            SessionConflictException => new(
                StatusCodes.Status409Conflict, "The session was changed by other requests at the same time."),
            SubjectLimitException => new(StatusCodes.Status409Conflict, "The user has as many sessions as are allowed."),
            _ => null,
        };

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCode;
        var problem = TypedResults.Problem(Detail, statusCode: StatusCode);
        if (context.RequestServices.GetService<IProblemDetailsService>() is not { } service
            || !await service.TryWriteAsync(new() { HttpContext = context, ProblemDetails = problem.ProblemDetails }).ConfigureAwait(false))
        {
            await problem.ExecuteAsync(context).ConfigureAwait(false);
        }
    }
}
