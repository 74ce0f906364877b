using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MoSar.Cli;

/// <summary>
/// Ctrl-C and SIGTERM as a cancellation. A second one ends the process at once, unless it comes with the first: <c>timeout</c> and job
/// schedulers signal the process and then its whole group, and what is finished must be kept then too.
/// </summary>
internal sealed partial class Signals : IDisposable
{
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private long first;

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
        if (Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0) is not 0 and var before)
        {
            if (Stopwatch.GetElapsedTime(before) < Together)
            {
                return;
            }

            ExitNow(MoSar.Host.Runs.ExitCodes.Interrupted);
        }

        source.Cancel();
    }
}
