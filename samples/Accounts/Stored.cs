using System.Text.Json.Serialization;

namespace Accounts;

/// <summary>What the sessions hold, as JSON by generated code: nothing is found out by reflection at run time.</summary>
[JsonSerializable(typeof(Cart))]
[JsonSerializable(typeof(Device))]
[JsonSerializable(typeof(Message))]
[JsonSerializable(typeof(int))]
internal sealed partial class Stored : JsonSerializerContext;
