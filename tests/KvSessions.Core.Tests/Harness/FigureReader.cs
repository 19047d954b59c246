using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace KvSessions.Core.Tests;

/// <summary>Listens to the figures of one test.</summary>
internal sealed class FigureReader : IMeterFactory
{
    private readonly ConcurrentDictionary<string, long> _sums = new();
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener = new();

    public FigureReader()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_meters.Contains(instrument.Meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, _, _) => _sums.AddOrUpdate(instrument.Name, static (_, added) => added, static (_, sum, added) => sum + added, value));
        _listener.Start();
    }

    public long this[string figure] => _sums.GetValueOrDefault($"kvsessions.cache.{figure}");

    public bool Owns(Instrument instrument) => _meters.Contains(instrument.Meter);

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(static meter => meter.Dispose());
    }
}
