using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace KvSessions.AspNetCore;

internal sealed class SessionCookieOptionsValidator : IValidateOptions<SessionCookieOptions>
{
    private const int MinSecretLength = 32;

    public ValidateOptionsResult Validate(string? name, SessionCookieOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(SessionCookieOptions options)
    {
        if (string.IsNullOrEmpty(options.Name) || options.Name.StartsWith("__", StringComparison.Ordinal) || !options.Name.All(IsNameCharacter))
        {
            yield return $"The cookie's {nameof(options.Name)} is '{options.Name}'; it must be letters, digits, '-', '_' and '.', and not begin with '__' (the prefix is added where it can be).";
        }

        if (options.Path is not ['/', ..] || options.Path.Any(static c => c is < ' ' or > '~' or ';'))
        {
            yield return $"The cookie's {nameof(options.Path)} is '{options.Path}'; it must begin with '/' and be printable ASCII without ';' (other characters percent-encoded).";
        }

        if (options.Domain is { } domain && (domain.Length == 0 || !domain.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')))
        {
            yield return $"The cookie's {nameof(options.Domain)} is '{domain}'; it must be a host name, or null.";
        }

        if (!Enum.IsDefined(options.SameSite))
        {
            yield return $"The cookie's {nameof(options.SameSite)} is {options.SameSite}, which is none of its values.";
        }

        if (!Enum.IsDefined(options.SecurePolicy))
        {
            yield return $"The cookie's {nameof(options.SecurePolicy)} is {options.SecurePolicy}, which is none of its values.";
        }

        if (options.SameSite == SameSiteMode.None && options.SecurePolicy != CookieSecurePolicy.Always)
        {
            yield return $"The cookie's {nameof(options.SameSite)} is None, which browsers accept with {nameof(options.SecurePolicy)} Always only.";
        }

        for (var i = 0; i < options.Secrets.Count; i++)
        {
            if (options.Secrets[i] is not { Length: >= MinSecretLength })
            {
                yield return $"The cookie's {nameof(options.Secrets)}[{i}] is shorter than {MinSecretLength} characters.";
            }
        }
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
