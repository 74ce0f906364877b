using System.Globalization;

namespace MoSar.Host.Telemetry;

/// <summary>Resident memory of this process, from /proc. Native allocations (tensors, images) count; the garbage collector's view misses them.</summary>
internal static class ProcessMemory
{
    /// <summary>Forgets the peak so far, so that the next <see cref="Read"/> gives the peak since. Where the kernel refuses, peaks are the process's.</summary>
    public static void ResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No such file (not Linux) or not writable (some containers): the process's own peak is what is left to report.
        }
    }

    /// <summary>Bytes resident now, and the most since the last reset; zeros where /proc is missing.</summary>
    public static (long Resident, long Peak) Read()
    {
        long resident = 0, peak = 0;
        try
        {
            foreach (var line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                {
                    peak = Kibibytes(line);
                }
                else if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                {
                    resident = Kibibytes(line);
                }
            }
        }
        catch (IOException)
        {
            return (0, 0);
        }

        return (resident, peak);
    }

    private static long Kibibytes(string line) =>
        long.Parse(line.AsSpan(line.IndexOf(':') + 1).Trim().TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture) * 1024;
}
