using System.Runtime.InteropServices;

namespace MoSar.Cli;

/// <summary>Ctrl-C and SIGTERM as a cancellation. The second one ends the process at once.</summary>
internal sealed partial class Signals : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public Signals()
    {
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel)];
    }

    public CancellationToken Token => source.Token;

    /// <summary>
    /// Ends the process without running exit handlers: native libraries tear themselves down in them, which crashes while an abandoned
    /// stage still uses them.
    /// </summary>
    public static void ExitNow(int code) => ExitWithoutHandlers(code);

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        source.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitWithoutHandlers(int code);

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = true;
        if (source.IsCancellationRequested)
        {
            ExitNow(MoSar.Host.Runs.ExitCodes.Interrupted);
        }

        source.Cancel();
    }
}
