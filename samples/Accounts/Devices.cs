using KvSessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Accounts;

/// <summary>Where a user is signed in, and how to end it.</summary>
internal static class Devices
{
    public static void MapDevices(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/devices", ListAsync);
        pages.MapPost("/devices/end", EndAsync);
        pages.MapPost("/devices/end-others", EndOthersAsync);
    }

    private static async Task<Results<Page, RedirectHttpResult>> ListAsync(Session session, SubjectSessions subjects, TimeProvider clock)
    {
        if (await session.GetRecordAsync() is not { Subject: { } subject, Handle: var current })
        {
            return SignInFirst(session);
        }

        var records = new List<SessionRecord>();
        await foreach (var record in subjects.ListAsync(subject))
        {
            records.Add(record);
        }

        var now = clock.GetUtcNow();
        var field = await FormToken.FieldAsync(session);
        var others = records.Count(record => record.Handle != current);
        return await Page.CreateAsync(
            session,
            "Your devices",
            $"""
            <h1>Your devices</h1>
            <p class="lead">Everywhere you are signed in as {User.NameOf(subject)}. What you end here is over at once.</p>
            <ul class="rows">
              {records
                  .OrderByDescending(record => record.Handle == current)
                  .ThenByDescending(record => record.LastSeenAt)
                  .Select(record => Row(record, record.Handle == current, now, field))}
            </ul>
            {(others == 0 ? Html.Empty : EndOthers(others, field))}
            """,
            path: "/devices");
    }

    private static async Task<Results<RedirectHttpResult, BadRequest>> EndAsync(Session session, SubjectSessions subjects, [FromForm] string? handle)
    {
        if (await session.GetRecordAsync() is not { Subject: { } subject, Handle: var current })
        {
            return SignInFirst(session);
        }

        if (!SessionHandle.TryParse(handle, out var chosen))
        {
            return TypedResults.BadRequest();
        }

        if (chosen == current)
        {
            await session.SignOutAsync();
            session.Set(Message.Key, new Message("You are signed out on this device."));
            return TypedResults.Redirect("/");
        }

        var isEnded = await subjects.EndAsync(subject, chosen);
        session.Set(Message.Key, isEnded ? new Message("That device is signed out.") : new Message("That device was not signed in any more.", IsProblem: true));
        return TypedResults.Redirect("/devices");
    }

    private static async Task<RedirectHttpResult> EndOthersAsync(Session session, SubjectSessions subjects)
    {
        if (await session.GetRecordAsync() is not { Subject: { } subject, Handle: var current })
        {
            return SignInFirst(session);
        }

        var ended = await subjects.EndOthersAsync(subject, current);
        session.Set(Message.Key, new Message(ended == 1 ? "One other device is signed out." : $"{ended} other devices are signed out."));
        return TypedResults.Redirect("/devices");
    }

    private static RedirectHttpResult SignInFirst(Session session) => SignIn.First(session, "Sign in to see your devices.", "/devices");

    private static Html Row(SessionRecord record, bool isCurrent, DateTimeOffset now, Html field)
    {
        var device = record.Get(Device.Key) ?? Device.Unknown;
        return $"""
            <li class="card row{(isCurrent ? " current" : "")}">
              <div>
                <h2>{device.Name}{(isCurrent ? (Html)$" <span class=\"badge\">This device</span>" : Html.Empty)}</h2>
                <p>Last seen {(isCurrent ? (Html)$"now" : Moment.Ago(record.LastSeenAt, now))}</p>
                <p class="hint">Signed in {Moment.Exact(record.CreatedAt)}{(record.Expiry.IsPersistent ? ", remembered" : "")}</p>
              </div>
              <form method="post" action="/devices/end">
                {field}
                <input type="hidden" name="handle" value="{record.Handle}">
                <button class="quiet">Sign out<span class="hidden"> {device.Name}, signed in {Moment.Exact(record.CreatedAt)}</span></button>
              </form>
            </li>
            """;
    }

    private static Html EndOthers(int others, Html field) =>
        $"""
        <form method="post" action="/devices/end-others">
          {field}
          <button class="danger">Sign out {(others == 1 ? "the other device" : $"all {others} others")}</button>
        </form>
        """;
}
