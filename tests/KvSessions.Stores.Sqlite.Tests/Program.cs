using KvSessions.Stores.Sqlite.Tests;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

if (args is [NodeProcess.Argument, ..])
{
    return await NodeProcess.RunAsync(args);
}

if (args is [WriterProcess.Argument, ..])
{
    return await WriterProcess.RunAsync(args);
}

return args.Contains("-automated") || args.Contains("@@")
    ? await ConsoleRunner.Run(args)
    : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
