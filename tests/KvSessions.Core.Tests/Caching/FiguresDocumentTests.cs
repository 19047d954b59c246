using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;

namespace KvSessions.Core.Tests.Caching;

/// <summary>docs/caching.md says what a cache counts.</summary>
public sealed partial class FiguresDocumentTests
{
    [Fact]
    public void Every_figure_is_there_with_a_unit_and_a_description_and_says_of_which_cache_it_is()
    {
        using var figures = new FigureReader();
        var instruments = new Dictionary<string, Instrument>();
        var caches = new List<object?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == CacheFigures.MeterName && figures.Owns(instrument))
            {
                instruments.Add(instrument.Name, instrument);
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => caches.Add(Assert.Single(tags.ToArray(), static tag => tag.Key == "cache").Value));
        listener.Start();

        new CacheFigures(figures, "this one").Hit();

        Assert.Equal(["this one"], caches);
        Assert.Equal(Documented().Order(StringComparer.Ordinal), instruments.Keys.Order(StringComparer.Ordinal));
        Assert.All(instruments.Values, static instrument =>
        {
            Assert.Matches("^\\{[a-z]+\\}$", instrument.Unit);
            Assert.EndsWith(".", instrument.Description, StringComparison.Ordinal);
        });
    }

    private static IEnumerable<string> Documented() =>
        Figure().Matches(RepositoryDocument.Read("docs/caching.md"))
            .Select(static match => $"kvsessions.cache.{match.Groups[1].Value}")
            .Append("kvsessions.cache.invalidations_received");

    [GeneratedRegex("^\\| `kvsessions\\.cache\\.([a-z_]+)`", RegexOptions.Multiline)]
    private static partial Regex Figure();
}
