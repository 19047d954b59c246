namespace KvSessions.Core.Tests.Caching;

public sealed class BoundsTests
{
    [Fact]
    public async Task The_number_of_sessions_is_bounded()
    {
        using var bench = new CacheBench(static options => options.MaxEntries = 100);
        for (var i = 0; i < 1000; i++)
        {
            await bench.SeedAsync();
        }

        Assert.InRange(bench.Cache.Count, 50, 100);
    }

    [Fact]
    public async Task The_bytes_are_bounded_and_counted_through_every_kind_of_change()
    {
        using var bench = new CacheBench(static options => options.MaxBytes = 64 * 1024);
        var handles = new List<SessionHandle>();
        for (var i = 0; i < 200; i++)
        {
            handles.Add(await bench.SeedAsync());
            await bench.Cached.SaveAsync(handles[^1], Records.Sets("b", new byte[500 + i]));
            Assert.InRange(bench.Cache.Bytes, 1, 64 * 1024);
        }

        Assert.InRange(bench.Cache.Count, 20, 60);
        foreach (var handle in handles)
        {
            await bench.Cached.SaveAsync(handle, new() { Removes = new HashSet<string> { "b" } });
            await bench.Cached.DeleteAsync(handle);
        }

        Assert.Equal((0, 0), (bench.Cache.Count, bench.Cache.Bytes));
    }

    [Fact]
    public async Task A_session_that_is_too_large_is_not_held_and_pushes_nothing_out()
    {
        using var bench = new CacheBench(static options => options.MaxBytes = 64 * 1024);
        var (small, large) = (await bench.SeedAsync(), await bench.SeedAsync());

        await bench.Cached.SaveAsync(large, Records.Sets("a", new byte[10_000]));
        bench.Store.Forget();
        await bench.ReadAsync(large);
        await bench.ReadAsync(large);
        await bench.ReadAsync(small);

        Assert.Equal(2, bench.Loads);
    }

    [Fact]
    public async Task Many_threads_at_once_leave_the_count_of_bytes_right()
    {
        using var bench = new CacheBench(static options => (options.MaxEntries, options.MaxBytes) = (20, 64 * 1024));
        var handles = new List<SessionHandle>();
        for (var i = 0; i < 60; i++)
        {
            handles.Add(await bench.SeedAsync());
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++)
            {
                var handle = handles[((i * 7) + worker) % handles.Count];
                await bench.Cached.LoadAsync(handle);
                await bench.Cached.SaveAsync(handle, Records.Sets("b", new byte[(i * 31) % 700]));
            }
        })));

        foreach (var handle in handles)
        {
            await bench.Cached.DeleteAsync(handle);
        }

        Assert.Equal((0, 0), (bench.Cache.Count, bench.Cache.Bytes));
    }
}
