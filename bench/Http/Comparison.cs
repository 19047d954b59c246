namespace KvSessions.Bench;

/// <summary>Measures all subjects in turn, again and again, so that what else the machine does meets them alike.</summary>
internal static class Comparison
{
    // What has gone stale in a subject while the others had their turn is asked for again, by a busy server a little all the time and here at once.
    private const int SecondsToGetGoing = 1;

    private static readonly string[] Requests = ["untouched", "read", "write"];

    public static async Task RunAsync(Options options)
    {
        Directory.CreateDirectory(options.Directory);
        var subjects = Subject.All.Where(subject => options.Only.Count == 0 || options.Only.Contains(subject)).ToList();
        await using var databases = await Databases.StartAsync(subjects, options);
        var servers = new List<ServerProcess>();
        try
        {
            foreach (var subject in subjects)
            {
                servers.Add(await ServerProcess.StartAsync(subject, databases.Connect(options)));
            }

            var results = await MeasureAsync(servers, options);
            Report.Print(results);
        }
        finally
        {
            servers.ForEach(static server => server.Dispose());
            Directory.Delete(options.Directory, recursive: true);
        }
    }

    private static async Task<Dictionary<(string Subject, string Request), List<Figures>>> MeasureAsync(
        List<ServerProcess> servers, Options options)
    {
        var results = new Dictionary<(string Subject, string Request), List<Figures>>();
        for (var round = 0; round <= options.Rounds; round++)
        {
            foreach (var request in Requests)
            {
                foreach (var server in servers.Where(server => Answers(server.Subject, request)))
                {
                    if (!results.TryGetValue((server.Subject, request), out var list))
                    {
                        results.Add((server.Subject, request), []);
                        await Load.WarmUpAsync(server, request, options.Seconds);
                        continue;
                    }

                    await Load.WarmUpAsync(server, request, SecondsToGetGoing);
                    var figures = await Load.RunAsync(server, request, options.Seconds);
                    list.Add(figures);
                    Console.Error.WriteLine($"{round}/{options.Rounds} {server.Subject} {request}: {figures.RequestsPerSecond:N0}/s");
                }
            }
        }

        return results;
    }

    // Who calls the driver does so only for a reason. Without a session there is nothing to read, but reads are compared with that, and are to be
    // by what it costs at the same time.
    private static bool Answers(string subject, string request) =>
        subject == "none" ? request != "write"
        : request != "untouched" || !subject.StartsWith("driver-", StringComparison.Ordinal);
}
