namespace KvSessions.Core.Tests.Stores;

public sealed class MigrationStatusTests
{
    [Theory]
    [InlineData(0, 2, true, false)]
    [InlineData(2, 2, false, false)]
    [InlineData(3, 2, false, true)]
    public void A_schema_waits_for_a_migration_is_as_it_should_be_or_newer_than_the_code(int current, int latest, bool isPending, bool isNewer)
    {
        var status = new MigrationStatus(current, latest);

        Assert.Equal((isPending, isNewer), (status.IsPending, status.IsNewer));
    }
}
