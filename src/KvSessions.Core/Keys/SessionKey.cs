using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;

namespace KvSessions;

/// <summary>
/// A typed key of a session: a name, and a codec that turns the value into bytes and back. Make one for each value and share it:
/// <c>static readonly SessionKey&lt;Cart&gt; CartKey = new("cart");</c>
/// </summary>
/// <typeparam name="T">The type of the value. A value is never <see langword="null"/>: remove the key instead.</typeparam>
public sealed class SessionKey<T>
    where T : notnull
{
    private readonly SessionCodec<T> _codec;

    /// <summary>A key whose value is kept as JSON, by the defaults of <see cref="System.Text.Json.JsonSerializer"/>.</summary>
    /// <param name="name">The name: not empty, valid Unicode, no U+0000, within <see cref="SessionLimits.MaxKeyBytes"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not valid.</exception>
    [RequiresUnreferencedCode(SessionCodec.ReflectionWarning)]
    [RequiresDynamicCode(SessionCodec.ReflectionWarning)]
    public SessionKey(string name)
        : this(name, SessionCodec.Json<T>())
    {
    }

    /// <summary>A key whose value is kept as JSON by generated code, which survives trimming and native compilation.</summary>
    /// <inheritdoc cref="SessionKey{T}(string)"/>
    public SessionKey(string name, JsonTypeInfo<T> jsonTypeInfo)
        : this(name, SessionCodec.Json(jsonTypeInfo))
    {
    }

    /// <summary>A key whose value is encoded and decoded by two functions.</summary>
    /// <inheritdoc cref="SessionKey{T}(string)"/>
    public SessionKey(string name, Func<T, byte[]> encode, Func<ReadOnlyMemory<byte>, T> decode)
        : this(name, SessionCodec.From(encode, decode))
    {
    }

    /// <summary>A key with a codec.</summary>
    /// <inheritdoc cref="SessionKey{T}(string)"/>
    public SessionKey(string name, SessionCodec<T> codec)
    {
        SessionText.ThrowIfInvalid(name, "session key", nameof(name));
        ArgumentNullException.ThrowIfNull(codec);
        Name = name;
        _codec = codec;
    }

    /// <summary>The name under which the value is stored.</summary>
    public string Name { get; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal ReadOnlyMemory<byte> Encode(T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        try
        {
            return _codec.Encode(value);
        }
        catch (Exception cause) when (cause is not SessionCodecException)
        {
            throw new SessionCodecException("encoded", Name, typeof(T), cause);
        }
    }

    internal T Decode(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return _codec.Decode(bytes) ?? throw new FormatException("The value is null.");
        }
        catch (Exception cause) when (cause is not SessionCodecException)
        {
            throw new SessionCodecException("decoded", Name, typeof(T), cause);
        }
    }
}
