namespace KvSessions.Stores.Conformance;

/// <summary>Says which optional capability a conformance class is about: stores without it need not derive the class.</summary>
/// <param name="capability">The interface, for example <see cref="ISubjectSessionStore"/>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresStoreAttribute(Type capability) : Attribute
{
    /// <summary>The interface that the store has to implement.</summary>
    public Type Capability { get; } = capability;
}
