using System.Buffers.Text;
using System.Security.Cryptography;

namespace KvSessions.Bench;

/// <summary>The cookie of a handler that looks after its sessions itself: as long as the one of KvSessions.</summary>
internal static class DriverCookie
{
    private const string Name = "session";

    public static string Issue(HttpContext context)
    {
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        context.Response.Cookies.Append(Name, id);
        return id;
    }

    public static string Read(HttpContext context) =>
        context.Request.Cookies[Name] ?? throw new InvalidOperationException("The request has no cookie.");
}
