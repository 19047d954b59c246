using Microsoft.Extensions.Time.Testing;

namespace KvSessions.AspNetCore.Tests;

public sealed class RecentIdsTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly RecentIds _recent;

    public RecentIdsTests() => _recent = new RecentIds(_clock);

    [Fact]
    public void An_id_that_goes_on_coming_is_read_once()
    {
        var id = Add();
        for (var seconds = 0; seconds < 10; seconds++)
        {
            _clock.Advance(Second);
            Assert.Same(id, _recent.Find(id.Reveal()));
        }
    }

    [Fact]
    public void An_id_is_forgotten_two_seconds_after_its_last_request()
    {
        var (once, twice) = (Add(), Add());
        _clock.Advance(Second);
        Assert.Same(twice, _recent.Find(twice.Reveal()));

        _clock.Advance(Second);
        Assert.Null(_recent.Find(once.Reveal()));
        Assert.Same(twice, _recent.Find(twice.Reveal()));

        _clock.Advance(2 * Second);
        Assert.Null(_recent.Find(twice.Reveal()));
    }

    [Fact]
    public void Ids_that_come_after_a_quiet_time_are_forgotten_too()
    {
        for (var round = 0; round < 3; round++)
        {
            var id = Add();
            _clock.Advance(2 * Second);
            Assert.Null(_recent.Find(id.Reveal()));
            _clock.Advance(TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public void Only_the_whole_cookie_is_the_same_cookie()
    {
        // Whatever is looked for, there is something in its place.
        Fill();
        var text = Add().Reveal();

        Assert.Null(_recent.Find(text + "."));
        Assert.Null(_recent.Find(text.AsSpan(..^1)));
        Assert.Null(_recent.Find(""));
        Assert.Null(_recent.Find(SessionId.New().Reveal()));
    }

    [Fact]
    public void However_many_come_no_more_are_remembered_than_there_is_room_for()
    {
        var found = Fill().Where(id => _recent.Find(id.Reveal()) is not null).ToList();

        Assert.InRange(found.Count, 1, 8192);
        Assert.All(found, id => Assert.Same(id, _recent.Find(id.Reveal())));
    }

    public void Dispose() => _recent.Dispose();

    private SessionId[] Fill() => [.. Enumerable.Range(0, 100_000).Select(_ => Add())];

    private SessionId Add()
    {
        var id = SessionId.New();
        _recent.Add(id.Reveal(), id);
        return id;
    }
}
