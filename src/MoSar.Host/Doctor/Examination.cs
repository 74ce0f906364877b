using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using MoSar.Host.Composition;
using MoSar.Host.Manifests;
using MoSar.Host.Plugins;
using TorchSharp;

namespace MoSar.Host.Doctor;

/// <summary>Checks everything that the program needs, by using it.</summary>
public static class Examination
{
    /// <param name="pluginFolders">Where plugins are looked for.</param>
    public static IEnumerable<Requirement> Run(IReadOnlyList<string> pluginFolders)
    {
        yield return new Requirement(".NET runtime", Environment.Version.Major >= 10, RuntimeInformation.FrameworkDescription, "Install the .NET 10 SDK.");
        yield return Tool("C++ compiler", "g++", "g++");
        yield return Tool("CMake", "cmake", "cmake");
        var torch = NativeLibraries.Check("LibTorch", AppContext.BaseDirectory, TensorEngine.LibraryFile, "libtorch_cpu", TensorEngine.Package);
        yield return torch;
        yield return Blas(torch.IsOk);
        yield return NativeLibraries.Check("OpenImageIO", AppContext.BaseDirectory, "libmosar_image.so", "libOpenImageIO", "libopenimageio-dev");
        yield return NativeLibraries.Check("Embree", AppContext.BaseDirectory, "libmosar_graphics.so", "libembree", "libembree-dev");
        foreach (var requirement in OpenCv(pluginFolders).Concat(Plugins(pluginFolders)).Concat(Weights(pluginFolders)))
        {
            yield return requirement;
        }
    }

    private static Requirement Tool(string name, string program, string package)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var first = process.StandardOutput.ReadLine() ?? string.Empty;
            process.WaitForExit();
            return new Requirement(name, process.ExitCode == 0, first, $"apt-get install -y {package}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return new Requirement(name, false, $"{program} is not installed", $"apt-get install -y {package}");
        }
    }

    /// <summary>Reference BLAS is thirty times slower than OpenBLAS, so which one LibTorch got is a requirement and is measured.</summary>
    private static Requirement Blas(bool hasTorch)
    {
        const string Fix = "apt-get install -y libopenblas0-pthread, then update-alternatives --config libblas.so.3-x86_64-linux-gnu";
        if (!hasTorch)
        {
            return new Requirement("LibTorch's BLAS", false, "LibTorch does not load", Fix);
        }

        var speed = MatrixProduct();
        var library = NativeLibraries.Loaded("libopenblas") ?? NativeLibraries.Loaded("libmkl");
        var other = NativeLibraries.Loaded("libblas");
        var isFast = library is not null || other?.Contains("openblas", StringComparison.Ordinal) == true;
        return new Requirement(
            "LibTorch's BLAS", isFast, string.Create(CultureInfo.InvariantCulture, $"{library ?? other ?? "built in"}, {speed:F0} GFLOP/s on a 512³ product"), Fix);
    }

    private static double MatrixProduct()
    {
        const int Side = 512;
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var a = torch.ones([Side, Side]);
        torch.matmul(a, a);
        var start = Stopwatch.GetTimestamp();
        torch.matmul(a, a);
        return 2.0 * Side * Side * Side / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    private static IEnumerable<Requirement> OpenCv(IReadOnlyList<string> pluginFolders)
    {
        // Only the plugin that detects faces with OpenCV needs it.
        var folder = pluginFolders.Select(f => Path.Combine(f, "Detect.OpenCv")).FirstOrDefault(Directory.Exists);
        if (folder is null)
        {
            yield break;
        }

        var library = Directory.EnumerateFiles(folder, "lib*.so").Select(f => Path.GetFileName(f)).FirstOrDefault() ?? "libmosar_opencv.so";
        yield return NativeLibraries.Check("OpenCV", folder, library, "libopencv_objdetect", "libopencv-objdetect-dev libopencv-imgproc-dev");
        const string Cascade = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml";
        yield return new Requirement("OpenCV's cascades", File.Exists(Cascade), File.Exists(Cascade) ? Cascade : $"{Cascade} is missing", "apt-get install -y opencv-data");
    }

    private static List<Requirement> Plugins(IReadOnlyList<string> pluginFolders)
    {
        using var catalog = PluginCatalog.Discover(pluginFolders);
        catalog.LoadAll();
        if (catalog.Plugins.Count == 0)
        {
            return [new Requirement("plugins", false, "there are none", "Start ./mosar from the source folder: it builds them.")];
        }

        var broken = catalog.Plugins.Where(p => p.Failure is not null).Select(p => new Requirement($"plugin {p.Id}", false, p.Failure!.Message, p.Failure.Remedy)).ToList();
        return [new Requirement("plugins", broken.Count == 0, $"{catalog.Plugins.Count - broken.Count} of {catalog.Plugins.Count} load, {catalog.StageIds.Count} stages", "See below."), .. broken];
    }

    /// <summary>Composes the shipped manifest, which reads every weight that it names.</summary>
    private static List<Requirement> Weights(IReadOnlyList<string> pluginFolders)
    {
        try
        {
            using var composed = ComposedManifest.Compose(ManifestTree.Load(Installation.DefaultManifest, [], Directory.GetCurrentDirectory()), pluginFolders);
            return
            [
                new Requirement("default manifest", true, $"{Installation.DefaultManifest}, {composed.Manifest.Stages.Count} stages"),
                .. composed.Manifest.Files.Select(f => new Requirement($"weights of {f.Stage.Path}", true, $"{f.Path}, {new FileInfo(f.Path).Length / 1e6:F1} MB")),
            ];
        }
        catch (ManifestException e)
        {
            return [.. e.Problems.Select(p => new Requirement("default manifest", false, p.Message, string.Join("; ", p.Notes ?? [])))];
        }
    }
}
