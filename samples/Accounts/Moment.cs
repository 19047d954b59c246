using System.Globalization;

namespace Accounts;

/// <summary>Moments, as people say them.</summary>
internal static class Moment
{
    public static Html Exact(DateTimeOffset moment) =>
        $"""<time datetime="{Machine(moment)}">{moment.UtcDateTime:d MMM yyyy, HH:mm} UTC</time>""";

    public static Html Ago(DateTimeOffset moment, DateTimeOffset now) =>
        $"""<time datetime="{Machine(moment)}">{Words(now - moment)}</time>""";

    private static string Machine(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Words(TimeSpan age) =>
        age switch
        {
            { TotalMinutes: < 1 } => "just now",
            { TotalHours: < 1 } => Count(age.Minutes, "minute"),
            { TotalDays: < 1 } => Count(age.Hours, "hour"),
            _ => Count(age.Days, "day"),
        };

    private static string Count(int count, string unit) => count == 1 ? $"1 {unit} ago" : $"{count} {unit}s ago";
}
