using System.Collections;

namespace KvSessions.Stores.Memory;

/// <summary>
/// Ends expired sessions in batches. Each batch goes on where the one before it stopped, so that a sweep looks at each session about
/// twice, however small its batches.
/// </summary>
internal sealed class Sweep(SlotTable table, TimeProvider clock)
{
    private readonly Lock _one = new();
    private IEnumerator? _place;

    public int Next(int batchSize)
    {
        lock (_one)
        {
            var ended = EndExpired(batchSize);
            if (ended < batchSize)
            {
                // What was passed before may have expired since; only a whole round that ends early has left none.
                ended += EndExpired(batchSize - ended);
            }

            return ended;
        }
    }

    private int EndExpired(int most)
    {
        _place ??= ((IEnumerable)table.Slots).GetEnumerator();
        var ended = 0;
        while (ended < most)
        {
            if (!_place.MoveNext())
            {
                _place = null;
                break;
            }

            var slot = (Slot)_place.Current;
            if (slot.Read(out var seen) is { } record && record.IsExpiredAt(clock.GetUtcNow()) && table.TryEnd(slot, seen, record))
            {
                ended++;
            }
        }

        return ended;
    }
}
