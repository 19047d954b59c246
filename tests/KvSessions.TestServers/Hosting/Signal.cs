namespace KvSessions.TestServers.Hosting;

/// <summary>Signals by their numbers on Linux, https://man7.org/linux/man-pages/man7/signal.7.html (x86 and ARM).</summary>
internal enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
