using System.Diagnostics;
using System.Globalization;

namespace MoSar.Benchmarks;

/// <summary>One piece of work that a Python script does too, under the same name.</summary>
/// <param name="Name">The line of the table and the key in the script's output.</param>
/// <param name="Run">Does the work once.</param>
/// <param name="Repetitions">Times for one measurement.</param>
public sealed record Twin(string Name, Action Run, int Repetitions);

/// <summary>
/// Measures C# and Python in turn and prints the ratio. Rounds are short and the best one counts: other programs only ever add time,
/// and a round of a few milliseconds often escapes them.
/// </summary>
public static class TwinTable
{
    private const int LeastRounds = 5;
    private const double Seconds = 1.5;

    /// <param name="all">The lines.</param>
    /// <param name="script">The Python file beside the program that does the same work.</param>
    /// <param name="wanted">Only lines that contain this.</param>
    /// <param name="scene">A file for the script to work on.</param>
    public static int Print(IReadOnlyList<Twin> all, string script, string wanted = "", string scene = "")
    {
        Twin[] twins = all.Where(t => t.Name.Contains(wanted, StringComparison.Ordinal)).ToArray();
        var ours = new Dictionary<string, double>();
        var theirs = new Dictionary<string, double>();
        for (int round = 0; round < 2; round++)
        {
            foreach (Twin t in twins)
                Keep(ours, t.Name, Measure(t));
            foreach ((string name, double seconds) in Python(script, wanted, scene))
                Keep(theirs, name, seconds);
        }
        Console.WriteLine($"{"",-48}{"C#",12}{"PyTorch",12}{"C#/PyTorch",12}");
        foreach (Twin t in twins)
        {
            string theirTime = theirs.TryGetValue(t.Name, out double p) ? Time(p) : "-";
            string ratio = p > 0 ? (ours[t.Name] / p).ToString("f2", CultureInfo.InvariantCulture) : "-";
            Console.WriteLine($"{t.Name,-48}{Time(ours[t.Name]),12}{theirTime,12}{ratio,12}");
        }
        return 0;
    }

    private static void Keep(Dictionary<string, double> best, string name, double seconds) =>
        best[name] = Math.Min(seconds, best.GetValueOrDefault(name, double.PositiveInfinity));

    private static double Measure(Twin twin)
    {
        for (int i = 0; i < Math.Max(2, twin.Repetitions / 2); i++)
            twin.Run();
        double best = double.PositiveInfinity;
        long begin = Stopwatch.GetTimestamp();
        for (int round = 0; round < LeastRounds || Stopwatch.GetElapsedTime(begin).TotalSeconds < Seconds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < twin.Repetitions; i++)
                twin.Run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / twin.Repetitions);
        }
        return best;
    }

    /// <summary>The script prints one "name TAB seconds" a line.</summary>
    private static IEnumerable<(string Name, double Seconds)> Python(string script, string wanted, string scene)
    {
        // Debian's own interpreter is the one that python3-torch belongs to.
        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, script), wanted, scene]) { RedirectStandardOutput = true };
        using Process python = Process.Start(start) ?? throw new InvalidOperationException("python3 does not start");
        string[] lines = python.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        python.WaitForExit();
        if (python.ExitCode != 0)
            Console.Error.WriteLine($"the PyTorch twin {script} failed; it needs: apt-get install python3-torch");
        return lines.Select(l => l.Split('\t')).Where(p => p.Length == 2).Select(p => (p[0], double.Parse(p[1], CultureInfo.InvariantCulture))).ToArray();
    }

    private static string Time(double seconds) => seconds < 1e-3
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:f2} us")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:f2} ms");
}
