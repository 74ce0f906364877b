using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;
using MoSar.Host.Telemetry;
using MoSar.Host.Tests.Runs;

namespace MoSar.Host.Tests;

public sealed class TelemetryExportTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    [Fact]
    public void NothingStartsUnlessTheStandardVariablesAsk() => Assert.Null(TelemetryExport.StartIfAsked(_ => null));

    [Fact]
    public async Task ARunSendsTracesAndMetricsByOtlp()
    {
        using var workspace = new Workspace();
        workspace.Add("Fixture.Fakes");
        workspace.Write("a.png", "0.5");
        var (listener, address) = Listen();
        using var collector = listener;
        var paths = new ConcurrentBag<string>();
        var serving = Task.Run(() => Serve(listener, paths));
        Environment.SetEnvironmentVariable(Endpoint, address);
        Environment.SetEnvironmentVariable(Protocol, "http/protobuf");
        try
        {
            using (TelemetryExport.StartIfAsked(Environment.GetEnvironmentVariable))
            {
                new RunDriver(new FakePhotographs(), new SilentObserver(), TimeProvider.System).Run(
                    new RunRequest
                    {
                        Manifest = ManifestTree.Load(workspace.Manifest(), [], workspace.Root),
                        PluginFolders = [workspace.Plugins],
                        Inputs = InputList.Collect(["a.png"], workspace.Root),
                        Out = Path.Combine(workspace.Root, "out"),
                    },
                    default);
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable(Endpoint, null);
            Environment.SetEnvironmentVariable(Protocol, null);
        }

        listener.Stop();
        await serving;
        Assert.Contains("/v1/traces", paths);
        Assert.Contains("/v1/metrics", paths);
    }

    private static (HttpListener Listener, string Address) Listen()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        probe.Stop();
        var listener = new HttpListener();
        listener.Prefixes.Add(address);
        listener.Start();
        return (listener, address);
    }

    private static void Serve(HttpListener listener, ConcurrentBag<string> paths)
    {
        try
        {
            while (true)
            {
                var context = listener.GetContext();
                paths.Add(context.Request.Url!.AbsolutePath);
                context.Request.InputStream.CopyTo(Stream.Null);
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped by the test.
        }
    }
}
