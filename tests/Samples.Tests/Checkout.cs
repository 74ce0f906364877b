using System.Diagnostics;
using MoSar.Testing;

namespace MoSar.Samples.Tests;

/// <summary>Programs run in the repository that these tests were built from.</summary>
internal static class Checkout
{
    /// <summary>Runs a line of bash in the root, with <c>./mosar</c> standing for the program that was built with these tests.</summary>
    /// <returns>Exit code and everything it printed.</returns>
    public static (int Code, string Output) Bash(string line)
    {
        var program = Repository.Folder("build", "bin", "MoSar.Cli", "release", "mosar.dll");
        var start = new ProcessStartInfo("bash", ["-c", line.Replace("./mosar ", $"dotnet '{program}' ", StringComparison.Ordinal)])
        {
            WorkingDirectory = Repository.Folder(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What the test runner's own build left in the environment is not what a user has.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["DOTNET_NOLOGO"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
