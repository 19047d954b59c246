using KvSessions.Bench;

var options = Options.Parse(args);
if (options.Serve is { } subject)
{
    await Server.RunAsync(subject, options);
}
else
{
    await Comparison.RunAsync(options);
}
