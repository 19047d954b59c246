using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>What a save answered. The default is that of a save that found no row.</summary>
internal readonly record struct SaveOutcome
{
    private enum Answer
    {
        NoRow,
        Saved,
        Gone,
        Conflict,
        Unreadable,
        ToBeMeasured,
        Unexplained,
    }

    private Answer Status { get; init; }

    private SaveResult Result { get; init; }

    private short Format { get; init; }

    private long? Keys { get; init; }

    private long? Bytes { get; init; }

    /// <summary>Whether nothing was changed because the session may be over a limit, for which it has to be measured.</summary>
    public bool HasToBeMeasured => Status == Answer.ToBeMeasured;

    public static SaveOutcome Read(NpgsqlDataReader row)
    {
        var status = (Answer)(row.GetInt32(0) + 1);
        return status == Answer.Saved
            ? new()
            {
                Status = status,
                Result = SaveResult.Saved(row.GetInt64(1), SessionRow.Moment(row, 2), SessionRow.Expiry(row, 3)),
            }
            : new()
            {
                Status = status,
                Format = row.GetInt16(6),
                Keys = row.IsDBNull(7) ? null : row.GetInt64(7),
                Bytes = row.IsDBNull(8) ? null : row.GetInt64(8),
            };
    }

    /// <summary>The answer to the caller; <see langword="null"/> if nothing was changed and nothing says why, so that the save has to be tried again.</summary>
    /// <exception cref="SessionLimitException">The session would be over a limit.</exception>
    /// <exception cref="SessionStoreException">The values are of a format that this code must not change.</exception>
    public SaveResult? ToResult(SaveArguments save)
    {
        switch (Status)
        {
            case Answer.Saved:
                return Result;
            case Answer.NoRow or Answer.Gone:
                return SaveResult.Gone;
            case Answer.Conflict:
                return SaveResult.Conflict;
            case Answer.Unreadable:
                SessionRow.ThrowIfUnknownFormat(Format, save.Handle);
                throw SessionRow.Corrupt(save.Handle, "Its values are not an object.");
            default:
                if (Keys is { } keys && Bytes is { } bytes)
                {
                    save.Changes.Limits.Check((int)keys, bytes);
                }

                return null;
        }
    }
}
