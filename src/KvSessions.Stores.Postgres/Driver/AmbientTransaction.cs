using System.Transactions;

namespace KvSessions.Stores.Postgres;

/// <summary>The application's own transaction, in which nothing of this library takes part.</summary>
internal static class AmbientTransaction
{
    /// <summary>Leaves it until the scope is disposed; <see langword="null"/> if there is none.</summary>
    public static TransactionScope? Leave() =>
        Transaction.Current is null ? null : new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
}
