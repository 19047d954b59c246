using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KvSessions.Browser.Tests;

/// <summary>A certificate that nobody has signed but its owner: enough for HTTPS with a browser that is told not to mind.</summary>
internal static class Certificate
{
    public static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
