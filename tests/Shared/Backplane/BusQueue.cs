namespace KvSessions.Tests;

/// <summary>Hands items on in order, each after the delay that was set when it came, or at once if there is none.</summary>
internal sealed class BusQueue<T>
{
    private readonly TimeProvider _clock;
    private readonly Action<T> _handOn;
    private readonly Queue<(T Item, DateTimeOffset Due)> _items = [];
    private readonly ITimer _timer;
    private TimeSpan _delay;
    private bool _isHandingOn;

    public BusQueue(TimeProvider clock, Action<T> handOn)
    {
        (_clock, _handOn) = (clock, handOn);
        _timer = clock.CreateTimer(_ => HandOn(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public TimeSpan Delay
    {
        get => _delay;
        set
        {
            lock (_items)
            {
                // What was held comes now.
                var due = _clock.GetUtcNow() + value;
                var held = _items.Select(item => item.Due == DateTimeOffset.MaxValue && value >= TimeSpan.Zero ? (item.Item, due) : item).ToList();
                _items.Clear();
                held.ForEach(_items.Enqueue);
                _delay = value;
            }

            HandOn();
        }
    }

    public int Count
    {
        get
        {
            lock (_items)
            {
                return _items.Count;
            }
        }
    }

    public void Add(T item)
    {
        lock (_items)
        {
            _items.Enqueue((item, _delay < TimeSpan.Zero ? DateTimeOffset.MaxValue : _clock.GetUtcNow() + _delay));
        }

        HandOn();
    }

    public void Clear()
    {
        lock (_items)
        {
            _items.Clear();
        }
    }

    private void HandOn()
    {
        while (TryTake(out var item))
        {
            _handOn(item);
            lock (_items)
            {
                _isHandingOn = false;
            }
        }
    }

    private bool TryTake(out T item)
    {
        lock (_items)
        {
            item = default!;
            if (_isHandingOn || !_items.TryPeek(out var first))
            {
                return false;
            }

            var wait = first.Due - _clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                if (first.Due != DateTimeOffset.MaxValue)
                {
                    // Timers ring at whole milliseconds, and must not ring early.
                    _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
                }

                return false;
            }

            item = _items.Dequeue().Item;
            _isHandingOn = true;
            return true;
        }
    }
}
