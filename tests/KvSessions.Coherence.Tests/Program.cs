using KvSessions.Coherence.Tests;
using KvSessions.Coherence.Tests.Nodes;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

if (args is [NodeProcess.Argument, ..])
{
    return await NodeProcess.RunAsync(args[1..]);
}

return args.Contains("-automated") || args.Contains("@@")
    ? await ConsoleRunner.Run(args)
    : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
