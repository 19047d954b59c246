namespace KvSessions;

/// <summary>The subjects of whom sessions are being ended at this moment; which sessions those are, only the store knows so far.</summary>
internal sealed class Revocations
{
    private readonly Lock _gate = new();
    private volatile string[] _subjects = [];

    /// <summary>The subjects as of now. Whoever looks for an entry afterwards finds it without those that had been ended by then.</summary>
    public string[] Subjects => _subjects;

    public void Begin(string subject)
    {
        lock (_gate)
        {
            _subjects = [.. _subjects, subject];
        }
    }

    public void End(string subject)
    {
        lock (_gate)
        {
            var rest = _subjects.ToList();
            rest.Remove(subject);
            _subjects = [.. rest];
        }
    }
}
