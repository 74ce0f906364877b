using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

namespace MoSar.Cli.Testing;

/// <param name="Failures">Name and message of each failed test; or why the project could not be run, which counts as one failure.</param>
internal sealed record TestOutcome(string Project, int Passed, int Failed, double Seconds, IReadOnlyList<string> Failures);

/// <summary>A built test project.</summary>
internal sealed record TestProject(string Name, string Assembly, string ResultsFolder)
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>Every folder tests/X.Tests, built or not, in order of name.</summary>
    public static IReadOnlyList<TestProject> Find(string root) =>
        [.. Directory.EnumerateDirectories(Path.Combine(root, "tests"), "*.Tests")
            .Select(d => Path.GetFileName(d))
            .Where(n => File.Exists(Path.Combine(root, "tests", n, n + ".csproj")))
            .Order(StringComparer.Ordinal)
            .Select(n => new TestProject(n, Path.Combine(root, "build", "bin", n, "release", n + ".dll"), Path.Combine(root, "build", "test-results")))];

    public TestOutcome Run(CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var trx = Path.Combine(ResultsFolder, Name + ".trx");
        Directory.CreateDirectory(ResultsFolder);
        File.Delete(trx);
        if (!File.Exists(Assembly))
        {
            return Broken(start, $"not built: {Assembly} is not there; use the launcher, ./mosar test");
        }

        var output = Execute(trx, cancellation);
        return File.Exists(trx) ? Read(trx, start) : Broken(start, $"ended without results:\n{string.Join('\n', output.Split('\n').TakeLast(12))}");
    }

    private string Execute(string trx, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("dotnet", ["vstest", Assembly, $"--logger:trx;LogFileName={Path.GetFileName(trx)}", $"--ResultsDirectory:{ResultsFolder}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var stop = cancellation.Register(() => process.Kill(entireProcessTree: true));
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + error.GetAwaiter().GetResult();
    }

    private TestOutcome Read(string trx, long start)
    {
        var document = XDocument.Load(trx);
        var results = document.Descendants(Trx + "UnitTestResult").ToArray();
        var failures = results.Where(r => (string?)r.Attribute("outcome") is not "Passed").Select(Describe).ToList();

        // A test host that crashed leaves results of the tests before the crash, and says so only in the summary.
        if ((string?)document.Descendants(Trx + "ResultSummary").Single().Attribute("outcome") is "Failed" && failures.Count == 0)
        {
            failures.Add(string.Join('\n', document.Descendants(Trx + "RunInfo").Select(r => r.Value.Trim()).DefaultIfEmpty("the test run failed")));
        }

        return new TestOutcome(Name, results.Length - results.Count(r => (string?)r.Attribute("outcome") is not "Passed"), failures.Count, Elapsed(start), failures);
    }

    private static string Describe(XElement result)
    {
        var message = result.Descendants(Trx + "Message").FirstOrDefault()?.Value.Trim() ?? (string?)result.Attribute("outcome");
        var trace = result.Descendants(Trx + "StackTrace").FirstOrDefault()?.Value.Split('\n').FirstOrDefault(l => l.Contains(":line ", StringComparison.Ordinal))?.Trim();
        return string.Create(CultureInfo.InvariantCulture, $"{(string?)result.Attribute("testName")}: {message}{(trace is null ? string.Empty : "\n" + trace)}");
    }

    private TestOutcome Broken(long start, string why) => new(Name, 0, 1, Elapsed(start), [why]);

    private static double Elapsed(long start) => Stopwatch.GetElapsedTime(start).TotalSeconds;
}
