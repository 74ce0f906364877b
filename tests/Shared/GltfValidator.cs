using System.Diagnostics;
using MoSar.Testing;
using Xunit;

namespace MoSar.TestSupport;

/// <summary>Khronos' validator from npm, in tests/tools/gltf-validator; installed there at the first use.</summary>
internal static class GltfValidator
{
    // Several test processes may run at once, and npm does not expect company: flock waits in the kernel, on the folder itself.
    private const string Install = "[ -d node_modules/gltf-validator ] || npm ci --no-audit --no-fund";

    public static (int Code, string Output) Run(string file)
    {
        var folder = Repository.Folder("tests", "tools", "gltf-validator");
        var (code, output) = Start("flock", [folder, "sh", "-c", Install], folder);
        Assert.True(code == 0, $"'npm ci' in tests/tools/gltf-validator failed; install nodejs and npm.\n{output}");
        return Start("node", ["validate.mjs", file], folder);
    }

    private static (int Code, string Output) Start(string program, string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
