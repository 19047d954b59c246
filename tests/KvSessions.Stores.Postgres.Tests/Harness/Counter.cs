using System.Globalization;

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>A number in a session that is counted up as <c>UpdateAsync</c> does it: by the version that was read, again until it fits.</summary>
internal static class Counter
{
    private const string Key = "count";

    public static async Task IncrementAsync(ISessionStore store, SessionHandle handle)
    {
        while (true)
        {
            var record = await store.LoadAsync(handle) ?? throw new InvalidOperationException("The session is gone.");
            var next = (Read(record) + 1).ToString(CultureInfo.InvariantCulture);
            var result = await store.SaveAsync(
                handle, new SessionChanges { ExpectedVersion = record.Version, Sets = PostgresSchema.Set((Key, next)) });
            if (result.Status == SaveStatus.Saved)
            {
                return;
            }
        }
    }

    public static int Read(SessionRecord record) =>
        record.Values.TryGetValue(Key, out var value) ? int.Parse(value.Span, CultureInfo.InvariantCulture) : 0;
}
