using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvSessions.Tests.Crash;

/// <summary>
/// The report of one process: a line for each call before it is made (<c>&gt;</c> and JSON), and one for each answer when it has come
/// (<c>&lt;</c> and JSON). A stream without a buffer of its own, such as a file, keeps every line when the process is killed.
/// </summary>
/// <param name="stream">Where the lines go.</param>
/// <param name="afterAnswer">What is done once an answer is written, with how many there are now.</param>
internal sealed class WriteReport(Stream stream, Action<int>? afterAnswer = null)
{
    public const char CallMark = '>';
    public const char AnswerMark = '<';

    private static readonly JsonSerializerOptions Format = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Converters = { new HandleConverter(), new JsonStringEnumConverter() },
    };

    private readonly Lock _gate = new();
    private long _calls;
    private int _answers;

    public long NextNumber() => Interlocked.Increment(ref _calls);

    public void Add(WriteCall call) => WriteLine(CallMark, call);

    public void Add(WriteAnswer answer)
    {
        WriteLine(AnswerMark, answer);
        afterAnswer?.Invoke(Interlocked.Increment(ref _answers));
    }

    /// <summary>The calls of a report in order, each with its answer if one has come. Half a line at the end counts for nothing.</summary>
    public static IReadOnlyList<(WriteCall Call, WriteAnswer? Answer)> Read(string text)
    {
        var calls = new List<WriteCall>();
        var answers = new Dictionary<long, WriteAnswer>();
        foreach (var line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == CallMark)
            {
                calls.Add(JsonSerializer.Deserialize<WriteCall>(line.AsSpan(1), Format)!);
            }
            else
            {
                var answer = JsonSerializer.Deserialize<WriteAnswer>(line.AsSpan(1), Format)!;
                answers.Add(answer.Number, answer);
            }
        }

        return [.. calls.Select(call => (call, answers.GetValueOrDefault(call.Number)))];
    }

    private void WriteLine<T>(char mark, T line)
    {
        byte[] bytes = [(byte)mark, .. JsonSerializer.SerializeToUtf8Bytes(line, Format), (byte)'\n'];
        lock (_gate)
        {
            stream.Write(bytes);
        }
    }

    private sealed class HandleConverter : JsonConverter<SessionHandle>
    {
        public override SessionHandle Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            SessionHandle.Parse(reader.GetString()!, null);

        public override void Write(Utf8JsonWriter writer, SessionHandle value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
