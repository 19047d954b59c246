namespace KvSessions;

/// <summary>
/// A store in which expired sessions take up room until somebody deletes them. The sweeper of KvSessions calls it from time to time.
/// </summary>
public interface IExpiredSessionStore : ISessionStore
{
    /// <summary>
    /// Deletes some expired sessions, in a step that is short enough not to hinder others. One that cannot be read stops nobody: it is
    /// deleted like any other, or left where the store cannot tell when it ends.
    /// </summary>
    /// <param name="batchSize">The most sessions to delete, at least 1.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>
    /// How many were deleted; fewer than <paramref name="batchSize"/> means that none is left of those that had expired when the call began,
    /// but for those that another call works on at that moment.
    /// </returns>
    ValueTask<int> DeleteExpiredAsync(int batchSize, CancellationToken ct = default);
}
