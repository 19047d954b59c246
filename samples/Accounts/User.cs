using System.Security.Cryptography;

namespace Accounts;

/// <summary>Somebody who can sign in. A real site keeps the salt and the hash; this one shows the passwords, so that you can.</summary>
internal sealed class User
{
    public static readonly IReadOnlyList<User> All =
    [
        new("ada", "Ada Lovelace", "first-programme"),
        new("grace", "Grace Hopper", "nanosecond"),
        new("alan", "Alan Turing", "halting-soon"),
    ];

    // Somebody to check a password against if the name is wrong, so that the time it takes does not tell which names are right.
    private static readonly User Nobody = new("nobody", "Nobody", RandomNumberGenerator.GetHexString(32));

    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(16);
    private readonly byte[] _hash;

    private User(string id, string name, string password)
    {
        (Id, Name, Password) = (id, name, password);
        _hash = Hash(password);
    }

    public string Id { get; }

    public string Name { get; }

    public string Password { get; }

    public static User? Find(string id, string password)
    {
        var user = All.FirstOrDefault(user => user.Id.Equals(id.Trim(), StringComparison.OrdinalIgnoreCase));
        var isRight = CryptographicOperations.FixedTimeEquals((user ?? Nobody)._hash, (user ?? Nobody).Hash(password));
        return isRight ? user : null;
    }

    public static string NameOf(string id) => All.FirstOrDefault(user => user.Id == id)?.Name ?? id;

    // https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#pbkdf2
    private byte[] Hash(string password) => Rfc2898DeriveBytes.Pbkdf2(password, _salt, 600_000, HashAlgorithmName.SHA256, 32);
}
