using System.Diagnostics;

namespace MoSar.Samples.Tests;

/// <summary>The repository that these tests were built from, and programs run in it.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    public static string File(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Runs a line of bash in the root, with <c>./mosar</c> standing for the program that was built with these tests.</summary>
    /// <returns>Exit code and everything it printed.</returns>
    public static (int Code, string Output) Bash(string line)
    {
        var program = File("build", "bin", "MoSar.Cli", "release", "mosar.dll");
        var start = new ProcessStartInfo("bash", ["-c", line.Replace("./mosar ", $"dotnet '{program}' ", StringComparison.Ordinal)])
        {
            WorkingDirectory = Root,
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

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "MoSar.Host.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder;
    }
}
