namespace KvSessions.AspNetCore.Tests;

internal static class Keys
{
    public static readonly SessionKey<int> Number = new("number");
    public static readonly SessionKey<string> Text = new("text");
}
