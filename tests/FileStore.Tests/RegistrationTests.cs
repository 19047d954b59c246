using KvSessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FileSessions.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public async Task The_store_is_one_and_uses_the_clock_of_the_services()
    {
        var folder = Directory.CreateTempSubdirectory("kvsessions-");
        var clock = new FakeTimeProvider(new DateTimeOffset(2031, 5, 4, 3, 2, 1, TimeSpan.Zero));
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(clock);
        services.AddKvSessionsCore().AddFileStore(folder.FullName);
        await using (var provider = services.BuildServiceProvider())
        {
            var store = provider.GetRequiredService<FileStore>();
            Assert.Same(store, provider.GetRequiredService<ISessionStore>());

            var record = new SessionRecord
            {
                Handle = SessionId.New().Handle,
                Version = 1,
                CreatedAt = clock.GetUtcNow(),
                LastSeenAt = clock.GetUtcNow(),
                Expiry = SessionExpiry.Idle(TimeSpan.FromMinutes(20)),
            };
            await store.CreateAsync(record);
            Assert.Equal(clock.GetUtcNow(), (await store.LoadAsync(record.Handle))!.LastSeenAt);
        }

        folder.Delete(recursive: true);
    }
}
