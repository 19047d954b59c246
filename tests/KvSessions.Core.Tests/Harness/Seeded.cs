namespace KvSessions.Core.Tests;

/// <summary>Random cases that can be had again: the seed is in every failure.</summary>
internal static class Seeded
{
    public static async Task ForEachAsync(int cases, Func<Random, Task> check)
    {
        var first = Random.Shared.Next();
        for (var seed = first; seed != first + cases; seed++)
        {
            try
            {
                await check(new Random(seed));
            }
            catch (Exception fault)
            {
                throw new Xunit.Sdk.XunitException($"With the seed {seed}: {fault.Message}", fault);
            }
        }
    }
}
