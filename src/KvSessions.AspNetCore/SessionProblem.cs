using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace KvSessions.AspNetCore;

/// <summary>
/// What a client is told of a fault of the session: problem details (RFC 9457) that hold nothing of the exception. An application that
/// wants to say it otherwise registers an <see cref="IProblemDetailsWriter"/>, or customizes <c>AddProblemDetails</c>.
/// </summary>
internal sealed partial record SessionProblem(int StatusCode, string Detail)
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

    /// <summary>Whether it came of what clients did at the same time, and not of a fault.</summary>
    public bool IsConflict => StatusCode == StatusCodes.Status409Conflict;

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCode;
        var problem = TypedResults.Problem(Detail, statusCode: StatusCode).ProblemDetails;
        if (context.RequestServices.GetService<IProblemDetailsService>() is not { } service
            || !await service.TryWriteAsync(new() { HttpContext = context, ProblemDetails = problem }).ConfigureAwait(false))
        {
            await context.Response.WriteAsJsonAsync(problem, Json.Default.ProblemDetails, "application/problem+json").ConfigureAwait(false);
        }
    }

    // The application's own may not know this type, where it is compiled ahead of time.
    [JsonSerializable(typeof(ProblemDetails))]
    private sealed partial class Json : JsonSerializerContext;
}
