namespace KvSessions;

/// <summary>
/// When a session ends, and whether its cookie outlives the browser. A session ends at the earliest of the limits that are set:
/// some time after its last request (<see cref="IdleTimeout"/>), some time after this expiry took effect (<see cref="Lifetime"/>),
/// or at a moment (<see cref="AbsoluteExpiresAt"/>).
/// </summary>
/// <remarks>
/// <see cref="Lifetime"/> is relative, so it means something only to the clock that decides. A store turns it into
/// <see cref="AbsoluteExpiresAt"/> with its own clock (<see cref="ResolveAt"/>); a stored record has no lifetime left.
/// </remarks>
public sealed record SessionExpiry
{
    /// <summary>The longest idle timeout and lifetime that can be asked for: 3,650 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>How long a session lives without a request; <see langword="null"/> for no such limit. More than zero, at most <see cref="Longest"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan? IdleTimeout
    {
        get;
        init => field = InRange(value, nameof(IdleTimeout));
    }

    /// <summary>How long a session lives, whatever it does, counted from when this expiry takes effect; <see langword="null"/> for no such limit. More than zero, at most <see cref="Longest"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan? Lifetime
    {
        get;
        init => field = InRange(value, nameof(Lifetime));
    }

    /// <summary>The moment at which a session ends, whatever it does; <see langword="null"/> for no such limit.</summary>
    public DateTimeOffset? AbsoluteExpiresAt { get; init; }

    /// <summary>
    /// Whether the cookie is kept when the browser closes (it then has a <c>Max-Age</c>). The default, <see langword="false"/>,
    /// is a browser-session cookie.
    /// </summary>
    public bool IsPersistent { get; init; }

    /// <summary>Ends <paramref name="timeout"/> after the last request, and <paramref name="lifetime"/> from now in any case, if that is given.</summary>
    public static SessionExpiry Idle(TimeSpan timeout, TimeSpan? lifetime = null) => new() { IdleTimeout = timeout, Lifetime = lifetime };

    /// <summary>Ends <paramref name="lifetime"/> from now, whatever happens until then.</summary>
    public static SessionExpiry In(TimeSpan lifetime) => new() { Lifetime = lifetime };

    /// <summary>Ends at <paramref name="moment"/>, whatever happens until then.</summary>
    public static SessionExpiry At(DateTimeOffset moment) => new() { AbsoluteExpiresAt = moment };

    /// <summary>The same limits with a cookie that is kept when the browser closes.</summary>
    public SessionExpiry Persistent() => this with { IsPersistent = true };

    /// <summary>
    /// The expiry as a store keeps it: <see cref="Lifetime"/>, counted from <paramref name="now"/>, becomes
    /// <see cref="AbsoluteExpiresAt"/> unless that is set to an earlier moment. Resolving a second time changes nothing.
    /// </summary>
    /// <param name="now">The time by the clock that decides.</param>
    public SessionExpiry ResolveAt(DateTimeOffset now)
    {
        if (Lifetime is not { } lifetime)
        {
            return this;
        }

        var end = now + lifetime;
        return this with { Lifetime = null, AbsoluteExpiresAt = AbsoluteExpiresAt < end ? AbsoluteExpiresAt : end };
    }

    /// <summary>Whether nothing ends a session with this expiry, which no session may have.</summary>
    internal bool IsEndless => IdleTimeout is null && Lifetime is null && AbsoluteExpiresAt is null;

    private static TimeSpan? InRange(TimeSpan? value, string name) =>
        value is null || (value > TimeSpan.Zero && value <= Longest)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be more than zero and at most {Longest.TotalDays} days.");
}
