namespace KvSessions.Stores.Memory;

/// <summary>
/// The place of one handle. What it holds changes only by compare-and-set, from what somebody has seen to what they made of it, so
/// whoever was too slow starts over with what is there now.
/// </summary>
/// <remarks>
/// <para>A slot holds a <see cref="SessionRecord"/> while its session is there. It ends for good by holding nothing, or the
/// <see cref="Renewal"/> that took its session away: nothing follows on either, so no save brings a session back.</para>
/// <para>The slot of a renewed session holds that same renewal at first, and is not there until the old slot holds it too. So one
/// compare-and-set, on the old slot, ends the old session and begins the new one: readers find one of the two at every moment. It
/// succeeds only from the very record whose version was checked. A save that came before it has put another record there, and the
/// renewal looks again and finds a conflict; a save that comes after it finds the old session gone.</para>
/// </remarks>
internal sealed class Slot
{
    private object? _state;

    public Slot(SessionRecord record) => _state = record;

    public Slot(Renewal awaited) => _state = awaited;

    /// <summary>Whether nothing can come here any more.</summary>
    public bool HasEnded
    {
        get
        {
            var state = Volatile.Read(ref _state);
            return state is null || (state is Renewal renewal && renewal.From == this);
        }
    }

    /// <summary>Whether it is not decided yet if a renewed session comes here.</summary>
    public bool IsUndecided => Volatile.Read(ref _state) is Renewal renewal && renewal.From != this && Volatile.Read(ref renewal.From._state) != renewal;

    /// <summary>The record that is there, expired or not, and the state to change it from.</summary>
    public SessionRecord? Read(out object? seen)
    {
        seen = Volatile.Read(ref _state);
        return seen switch
        {
            SessionRecord record => record,
            Renewal renewal when renewal.From != this && Volatile.Read(ref renewal.From._state) == renewal => renewal.Record,
            _ => null,
        };
    }

    public bool TryReplace(object? seen, SessionRecord next) => TryChange(seen, next);

    public bool TryMove(object? seen, Renewal renewal) => TryChange(seen, renewal);

    /// <summary>Forgets where the session came from, unless something newer is here already.</summary>
    public void Settle(Renewal renewal) => TryChange(renewal, renewal.Record);

    public bool TryEnd(object? seen) => TryChange(seen, null);

    private bool TryChange(object? seen, object? next) => ReferenceEquals(Interlocked.CompareExchange(ref _state, next, seen), seen);
}
