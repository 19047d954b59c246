using Docker.DotNet;
using DotNet.Testcontainers.Configurations;

namespace KvSessions.TestServers.Hosting;

/// <summary>The Docker engine that Testcontainers finds, spoken to directly where Testcontainers has no word for it: to kill a container, and to find old ones.</summary>
internal static class DockerEngine
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Lazy<Task<DockerClient?>> Client = new(ConnectAsync);

    /// <summary>The engine, or <see langword="null"/> where none answers.</summary>
    /// <exception cref="TestServersException">One is there, but will not be spoken to.</exception>
    public static Task<DockerClient?> FindAsync() => Client.Value;

    private static async Task<DockerClient?> ConnectAsync()
    {
        if (TestcontainersSettings.OS.DockerEndpointAuthConfig is not { } endpoint)
        {
            return null;
        }

        var client = endpoint.GetDockerClientBuilder(Guid.Empty).Build();
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            await client.System.PingAsync(patience.Token);
            await RemoveLeftoversAsync(client);
            return client;
        }
        catch (DockerApiException error)
        {
            // Testcontainers asks for a newer API than, for example, Debian 12's engine has.
            throw new TestServersException(
                $"The Docker engine at {endpoint.Endpoint} refuses: {error.ResponseBody?.Trim() ?? error.Message} Where the client is too new, set DOCKER_API_VERSION to what 'docker version' says of the server.", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException or TimeoutException)
        {
            client.Dispose();
            return null;
        }
    }

    private static async Task RemoveLeftoversAsync(DockerClient client)
    {
        var ours = await client.Containers.ListContainersAsync(new()
        {
            All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>> { ["label"] = new Dictionary<string, bool> { [RunDirectory.Label] = true } },
        });

        // The directories of runs that are over have gone as soon as this run has made its own.
        _ = RunDirectory.Path;
        foreach (var container in ours.Where(container => RunDirectory.IsOver(container.Labels[RunDirectory.Label])))
        {
            try
            {
                await client.Containers.RemoveContainerAsync(container.ID, new() { Force = true, RemoveVolumes = true });
            }
            catch (DockerApiException)
            {
                // Another run of the tests is removing it at this moment.
            }
        }
    }
}
