namespace KvSessions.Stores.Memory.Tests;

/// <summary>The interleavings of a renewal, one by one.</summary>
public sealed class SlotTests
{
    private readonly SessionRecord _old = Records.New(TimeProvider.System);
    private readonly SessionRecord _new = Records.New(TimeProvider.System);
    private readonly Slot _from;
    private readonly Slot _to;
    private readonly Renewal _renewal;

    public SlotTests()
    {
        _from = new Slot(_old);
        _renewal = new Renewal(_from, _new);
        _to = new Slot(_renewal);
    }

    [Fact]
    public void Until_the_old_session_has_moved_the_new_one_is_not_there_and_its_place_is_taken()
    {
        Assert.Same(_old, _from.Read(out _));
        Assert.Null(_to.Read(out _));
        Assert.False(_to.HasEnded);
        Assert.True(_to.IsUndecided);
    }

    [Fact]
    public void One_step_ends_the_old_session_and_begins_the_new_one()
    {
        _from.Read(out var seen);
        Assert.True(_from.TryMove(seen, _renewal));

        Assert.Null(_from.Read(out _));
        Assert.True(_from.HasEnded);
        Assert.Same(_new, _to.Read(out _));
        Assert.False(_to.HasEnded || _to.IsUndecided);
    }

    [Fact]
    public void A_save_that_came_first_stops_the_renewal()
    {
        _from.Read(out var seen);
        var saved = _old with { Version = 2 };
        Assert.True(_from.TryReplace(seen, saved));

        Assert.False(_from.TryMove(seen, _renewal));

        Assert.Same(saved, _from.Read(out _));
        Assert.Null(_to.Read(out _));
    }

    [Fact]
    public void A_save_that_comes_second_finds_the_old_session_gone()
    {
        _from.Read(out var seen);
        _from.TryMove(seen, _renewal);

        Assert.False(_from.TryReplace(seen, _old with { Version = 2 }));

        Assert.Null(_from.Read(out _));
        Assert.Same(_new, _to.Read(out _));
    }

    [Fact]
    public void A_save_of_the_new_session_is_not_undone_when_the_renewal_settles()
    {
        _from.Read(out var seen);
        _from.TryMove(seen, _renewal);
        _to.Read(out var arrived);
        var saved = _new with { Version = 3 };
        Assert.True(_to.TryReplace(arrived, saved));

        _to.Settle(_renewal);

        Assert.Same(saved, _to.Read(out _));
    }

    [Fact]
    public void A_deletion_of_the_new_session_is_not_undone_when_the_renewal_settles()
    {
        _from.Read(out var seen);
        _from.TryMove(seen, _renewal);
        _to.Read(out var arrived);
        Assert.True(_to.TryEnd(arrived));

        _to.Settle(_renewal);

        Assert.Null(_to.Read(out _));
        Assert.True(_to.HasEnded);
    }

    [Fact]
    public void A_new_session_stays_when_the_renewal_settles_and_the_old_place_is_forgotten()
    {
        _from.Read(out var seen);
        _from.TryMove(seen, _renewal);

        _to.Settle(_renewal);

        Assert.Same(_new, _to.Read(out var settled));
        Assert.Same(_new, settled);
    }

    [Fact]
    public void A_slot_that_was_given_up_stays_empty()
    {
        _to.TryEnd(_renewal);
        _from.Read(out var seen);

        _from.TryMove(seen, _renewal);

        Assert.Null(_to.Read(out _));
    }
}
