using System.Text.Json;

namespace KvSessions.Coherence.Tests.Nodes;

/// <summary>What a node answers, a line of JSON. Its times are those of the machine, and the same for all of its processes.</summary>
/// <param name="Number">Which call it answers.</param>
/// <param name="Began">When the call began.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="IsThere">Whether there is such a session, or it was saved, or it is so.</param>
/// <param name="Version">Its version.</param>
/// <param name="Keys">What is set in it.</param>
/// <param name="Fault">What went wrong.</param>
internal sealed record NodeAnswer(
    long Number, TimeSpan Began, TimeSpan Ended, bool IsThere = false, long Version = 0, string[]? Keys = null, string? Fault = null)
{
    public string ToLine() => JsonSerializer.Serialize(this);

    public static NodeAnswer Parse(string line) => JsonSerializer.Deserialize<NodeAnswer>(line)!;
}
