namespace KvSessions;

/// <summary>The other nodes that have been heard of, and what was heard of each.</summary>
internal sealed class KnownNodes(BackplaneTimes times)
{
    private readonly Dictionary<ulong, KnownNode> _nodes = [];

    /// <summary>Takes note of a message.</summary>
    /// <param name="message">The message of another node.</param>
    /// <param name="now">The uptime.</param>
    /// <param name="ownProof">When the newest own message was sent that has come back.</param>
    /// <returns>Whether a message of this node before it is missing, lost or overtaken.</returns>
    public bool Hear(in BackplaneMessage message, TimeSpan now, TimeSpan ownProof)
    {
        if (!_nodes.TryGetValue(message.Node, out var node))
        {
            _nodes.Add(message.Node, node = new KnownNode());
        }

        // Late, or a second time: it proves nothing about now.
        if (message.Sequence <= node.Sequence)
        {
            return false;
        }

        var isMissing = message.Sequence != node.Sequence + 1;
        node.Sequence = message.Sequence;
        node.HeardAt = now;
        (node.HasLeft, node.HasLeftDoubt) = (message.IsLeaving && !message.IsInDoubt, message.IsLeaving && message.IsInDoubt);

        // A node that asks for a flush does so because it could not send something, which may happen to it again: it has to send
        // something else first.
        if (message.Kind != BackplaneMessageKind.Flush)
        {
            node.ProvenAt = ownProof;
        }

        return isMissing;
    }

    /// <summary>The oldest proof of a node that has not left; <see cref="TimeSpan.MaxValue"/> if there is no such node.</summary>
    public TimeSpan OldestProof()
    {
        var oldest = TimeSpan.MaxValue;
        foreach (var node in _nodes.Values)
        {
            if (!node.HasLeft && node.ProvenAt < oldest)
            {
                oldest = node.ProvenAt;
            }
        }

        return oldest;
    }

    /// <summary>Forgets the nodes that have been silent for too long.</summary>
    public void Forget(TimeSpan now)
    {
        foreach (var (id, node) in _nodes)
        {
            if (now - node.HeardAt > (node.HasLeftDoubt ? times.ForgetDoubtAfter : BackplaneTimes.ForgetAfter))
            {
                _nodes.Remove(id);
            }
        }
    }
}
