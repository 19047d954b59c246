using System.Text.Json;

namespace KvSessions.Coherence.Tests.Nodes;

/// <summary>What a node is asked to do, a line of JSON.</summary>
/// <param name="Number">By which the answer is known.</param>
/// <param name="Verb">What to do.</param>
/// <param name="Handle">With which session.</param>
/// <param name="Text">The key to set, or the handle to renew it to.</param>
/// <param name="Tampering">What to do to messages.</param>
internal sealed record NodeCall(long Number, NodeVerb Verb, string? Handle = null, string? Text = null, Tampering Tampering = default)
{
    public string ToLine() => JsonSerializer.Serialize(this);

    public static NodeCall Parse(string line) => JsonSerializer.Deserialize<NodeCall>(line)!;
}

internal enum NodeVerb
{
    Read,
    Create,
    Save,
    Delete,
    Renew,

    /// <summary>Ends when another node has told that the session is outdated.</summary>
    Hear,

    Tamper,

    /// <summary>Says whether the backplane is trusted.</summary>
    IsTrusted,
}

/// <summary>What happens to the messages that come in.</summary>
internal enum Tampering
{
    Nothing,
    Drop,
    Repeat,
    Reorder,
}
