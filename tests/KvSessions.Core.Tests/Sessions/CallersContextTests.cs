using Microsoft.Extensions.Logging.Abstractions;
using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

/// <summary>
/// A caller may have a thread of its own to which what it awaits comes back. The library asks for that thread nowhere: a caller that
/// blocks it would wait for itself.
/// </summary>
public sealed class CallersContextTests
{
    private static readonly StoreVerb[] Verbs = [StoreVerb.Load, StoreVerb.Create, StoreVerb.Save, StoreVerb.Delete, StoreVerb.Renew];

    [Fact]
    public async Task No_call_of_a_session_comes_back_to_the_callers_context()
    {
        Func<Session, Task>[] uses =
        [
            session => session.GetAsync(Number).AsTask(),
            session => session.ContainsAsync(Number).AsTask(),
            session => session.GetKeysAsync().AsTask(),
            session => session.GetRecordAsync().AsTask(),
            session => session.IsNewAsync().AsTask(),
            session => session.GetSubjectAsync().AsTask(),
            session => session.UpdateAsync(Number, static n => n + 1).AsTask(),
            session => session.PopAsync(Number).AsTask(),
            session => session.RenewAsync().AsTask(),
            session => session.SignInAsync("ann").AsTask(),
            session => session.SignOutAsync().AsTask(),
            session => session.DeleteAsync().AsTask(),
            session => session.CommitAsync().AsTask(),
            session => Then(() => session.Set(Number, 2), () => session.CommitAsync()),
        ];

        foreach (var use in uses)
        {
            foreach (var slow in Verbs)
            {
                var bench = new SessionBench(o => o.CreateForEveryVisitor = true);
                foreach (var id in new[] { null, await bench.SeedAsync(), SessionId.New() })
                {
                    await AssertStaysAwayAsync(bench, slow, () => use(bench.Open(id)));
                }
            }
        }
    }

    [Fact]
    public async Task Neither_does_a_sign_in_within_a_limit_nor_a_call_for_a_user()
    {
        foreach (var slow in new[] { StoreVerb.Load, StoreVerb.Delete, StoreVerb.Admit, StoreVerb.FindBySubject, StoreVerb.DeleteBySubject })
        {
            var bench = new SessionBench(o => o.MaxSessionsPerSubject = 1);
            var subjects = new SubjectSessions(bench.Calls, NullLogger<SubjectSessions>.Instance);
            Func<SessionId, Task>[] uses =
            [
                id => bench.Open(id).SignInAsync("ann").AsTask(),
                id => subjects.EndAsync("ann", id.Handle).AsTask(),
                _ => subjects.EndAllAsync("ann").AsTask(),
                id => subjects.EndOthersAsync("ann", id.Handle).AsTask(),
                _ => subjects.ListAsync("ann").GetAsyncEnumerator().MoveNextAsync().AsTask(),
            ];

            foreach (var use in uses)
            {
                var id = await bench.SeedAsync(subject: "ann");
                await AssertStaysAwayAsync(bench, slow, () => use(id));
            }
        }
    }

    private static Task Then(Action first, Func<ValueTask> then)
    {
        first();
        return then().AsTask();
    }

    // The first call of the slow verb is answered when the caller has gone on.
    private static async Task AssertStaysAwayAsync(SessionBench bench, StoreVerb slow, Func<Task> use)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Store.Before = (call, _) => call.Verb == slow ? new ValueTask(answer.Task) : ValueTask.CompletedTask;
        var isReturnedTo = await CallersContext.IsReturnedToAsync(use, answer.SetResult);
        bench.Store.Heal();

        Assert.False(isReturnedTo, $"While {slow} was slow, the caller's context was returned to.");
    }
}
