using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>What the classes about subjects share.</summary>
public abstract class SubjectTest : ConformanceTest
{
    /// <summary>The store as one that finds the sessions of a subject.</summary>
    protected ISubjectSessionStore Subjects => StoreAs<ISubjectSessionStore>();

    /// <summary>Reads all pages, and checks that each keeps to its size.</summary>
    protected async Task<IReadOnlyList<SessionRecord>> FindAllAsync(string subject, int pageSize = 100)
    {
        var found = new List<SessionRecord>();
        string? continuation = null;
        do
        {
            var page = await Subjects.FindBySubjectAsync(subject, pageSize, continuation);
            Assert.InRange(page.Records.Count, 0, pageSize);
            found.AddRange(page.Records);
            continuation = page.Continuation;
        }
        while (continuation is not null);

        return found;
    }

    /// <summary>Checks which sessions a subject has, each once.</summary>
    protected async Task AssertHasAsync(string subject, params SessionHandle[] handles)
    {
        var found = await FindAllAsync(subject);
        Assert.Equal(handles.Order(), found.Select(static record => record.Handle).Order());
    }
}
