using System.Diagnostics;

namespace MoSar.Cli.Tests;

/// <summary>The launcher script in a tree of its own, with stand-ins for dotnet, dpkg and apt-get that write down how they are called.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class LauncherTests : IDisposable
{
    private const string Dotnet =
        """
        #!/bin/bash
        if [ "$1" = build ]; then
          echo "build $2" >> "$CALLS"
          [ -z "$BUILD_FAILS" ] || { echo "src/X.cs(1,1): error CS0001: broken"; exit 1; }
          case $2 in
            */Precompile.csproj) [ -z "$PRECOMPILE_FAILS" ] || exit 1; folder=ready ;;
            *) folder=bin/MoSar.Cli/release ;;
          esac
          mkdir -p "$TREE/build/$folder"; touch "$TREE/build/$folder/mosar.dll"
        else
          [ -z "$PROGRAM" ] || echo "${1#"$TREE"/}"
          shift; echo "run in $PWD: $*"
        fi
        """;

    private readonly string root = Directory.CreateTempSubdirectory("mosar-launcher-").FullName;

    public LauncherTests()
    {
        foreach (var folder in new[] { "src", "plugins", "build-support", "tests", "samples", "bin" })
        {
            Directory.CreateDirectory(Path.Combine(root, folder));
        }

        File.WriteAllText(Path.Combine(root, "src", "A.cs"), string.Empty);
        File.WriteAllText(Path.Combine(root, "Directory.Build.props"), string.Empty);
        File.WriteAllText(Path.Combine(root, "global.json"), string.Empty);
        File.Copy(Path.Combine(CommandFolder.SourceFolder(), "..", "..", "mosar"), Path.Combine(root, "mosar"));
        Script("dotnet", Dotnet);
        Script("dpkg-query", "#!/bin/bash\n[ \"${@: -1}\" = \"$MISSING\" ] || printf installed\n");
        Script("apt-get", "#!/bin/bash\necho \"apt-get $*\" >> \"$CALLS\"\n");
        Script("id", "#!/bin/bash\necho ${FAKE_UID:-0}\n");
        Script("sudo", "#!/bin/bash\necho \"sudo $1\" >> \"$CALLS\"; [ \"$1\" = -n ] && shift; exec \"$@\"\n");
    }

    private string Calls => File.Exists(Path.Combine(root, "calls")) ? File.ReadAllText(Path.Combine(root, "calls")) : string.Empty;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void TheFirstRunBuildsAndTheSecondDoesNot()
    {
        var (code, output, error) = Run(root, "run", "a photo.png");
        Assert.Equal((0, $"run in {root}: run a photo.png\n"), (code, output));
        Assert.Contains("mosar: building", error);
        Assert.Equal(Builds("App"), Calls);

        (_, output, error) = Run(root, "run", "b.png");
        Assert.Equal(($"run in {root}: run b.png\n", string.Empty), (output, error));
        Assert.Equal(Builds("App"), Calls);
    }

    [Fact]
    public void ItWorksFromAnywhereAndKeepsTheWorkingFolder()
    {
        var elsewhere = Path.Combine(root, "samples");
        Assert.Equal($"run in {elsewhere}: run x.png\n", Run(elsewhere, "run", "x.png").Out);
    }

    [Theory]
    [InlineData("src/A.cs")]
    [InlineData("src/B.cs")]
    [InlineData("plugins/P/P.cs")]
    [InlineData("Directory.Build.props")]
    public void AChangedSourceIsBuiltAgain(string path)
    {
        Run(root, "--version");
        var full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, "changed");
        File.SetLastWriteTimeUtc(full, DateTime.UtcNow.AddMinutes(1));
        Run(root, "--version");
        Assert.Equal(Builds("App") + Builds("App"), Calls);
    }

    [Fact]
    public void TestsBuildEverythingAndAfterThemARunBuildsNothing()
    {
        Run(root, "test");
        Run(root, "run", "x.png");
        Assert.Equal(Builds("Tests"), Calls);
    }

    [Fact]
    public void MissingPackagesAreNamedAndInstalled()
    {
        var (_, _, error) = Run(root, ("MISSING", "libembree-dev"), "--version");
        Assert.Contains("mosar: installing Debian packages: libembree-dev ", error);
        Assert.Contains("install -y --no-install-recommends libembree-dev\n", Calls);
        Assert.DoesNotContain("sudo", Calls);
    }

    [Fact]
    public void WithoutRootPackagesAreInstalledBySudoWhichAsksNothing()
    {
        Run(root, [("MISSING", "cmake"), ("FAKE_UID", "1000")], "--version");
        Assert.Contains("sudo -n\n", Calls);
        Assert.Contains("install -y --no-install-recommends cmake\n", Calls);
    }

    [Fact]
    public void AFailedBuildSaysWhyAndIsTriedAgain()
    {
        var (code, output, error) = Run(root, ("BUILD_FAILS", "1"), "--version");
        Assert.Equal((2, string.Empty), (code, output));
        Assert.Contains("src/X.cs(1,1): error CS0001: broken", error);
        Assert.Equal(0, Run(root, "--version").Code);
    }

    [Fact]
    public void WithoutTheAheadOfTimeCompilerTheBuiltProgramRuns()
    {
        var (_, output, error) = Run(root, ("PROGRAM", "1"), "--version");
        Assert.Equal(($"build/ready/mosar.dll\nrun in {root}: --version\n", "mosar: building (log: build/build.log)\n"), (output, error));

        // What an earlier build compiled must not run in place of what was built now.
        File.SetLastWriteTimeUtc(Path.Combine(root, "src", "A.cs"), DateTime.UtcNow.AddMinutes(1));
        (var code, output, error) = Run(root, [("PROGRAM", "1"), ("PRECOMPILE_FAILS", "1")], "--version");
        Assert.Equal((0, $"build/bin/MoSar.Cli/release/mosar.dll\nrun in {root}: --version\n"), (code, output));
        Assert.Contains("mosar: cannot compile ahead of time", error);
    }

    [Fact]
    public void TwoFirstRunsAtOnceBuildOnce()
    {
        using var first = Start(root, [], ["run", "1.png"]);
        using var second = Start(root, [], ["run", "2.png"]);
        Assert.Equal($"run in {root}: run 1.png\n", first.StandardOutput.ReadToEnd());
        Assert.Equal($"run in {root}: run 2.png\n", second.StandardOutput.ReadToEnd());
        first.WaitForExit();
        second.WaitForExit();
        Assert.Equal(Builds("App"), Calls);
    }

    private string Builds(string what) =>
        $"build {root}/build-support/{what}/{what}.csproj\nbuild {root}/build-support/Precompile/Precompile.csproj\n";

    private void Script(string name, string text)
    {
        var path = Path.Combine(root, "bin", name);
        File.WriteAllText(path, text.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private (int Code, string Out, string Error) Run(string folder, params string[] args) => Run(folder, [], args);

    private (int Code, string Out, string Error) Run(string folder, (string, string) variable, params string[] args) => Run(folder, [variable], args);

    private (int Code, string Out, string Error) Run(string folder, (string Name, string Value)[] variables, params string[] args)
    {
        using var process = Start(folder, variables, args);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    private Process Start(string folder, (string Name, string Value)[] variables, string[] args)
    {
        var start = new ProcessStartInfo(Path.Combine(root, "mosar"), args)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = Path.Combine(root, "bin") + ":" + Environment.GetEnvironmentVariable("PATH");
        start.Environment["CALLS"] = Path.Combine(root, "calls");
        start.Environment["TREE"] = root;
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
