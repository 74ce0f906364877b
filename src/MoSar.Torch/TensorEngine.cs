using TorchSharp;

namespace MoSar;

/// <summary>What the tensor engine is made of, for <c>mosar doctor</c>.</summary>
/// <param name="Version">LibTorch's version.</param>
/// <param name="BlasName">OpenBLAS, MKL, BLIS, "reference BLAS", or "built in" where LibTorch brings its own.</param>
/// <param name="BlasLibrary">The file that answers matrix products; empty where it is inside LibTorch.</param>
/// <param name="BlasIsFast">False for reference BLAS, which multiplies matrices thirty times slower (design.md, "Speed").</param>
/// <param name="Threads">Threads within an operator.</param>
/// <param name="InteropThreads">Threads between operators.</param>
/// <param name="HasCuda">Whether a CUDA device can be used.</param>
public sealed record TensorEngineInfo(string Version, string BlasName, string BlasLibrary, bool BlasIsFast, int Threads, int InteropThreads, bool HasCuda);

/// <summary>The engine behind <see cref="torch"/>: whether it is there, what it is, how many threads it uses.</summary>
public static class TensorEngine
{
    /// <summary>Tensors alive in this process; 0, without loading anything, before the first one is made.</summary>
    public static long LiveTensors => IsLoaded ? torch.Tensor.TotalCount : 0;

    /// <summary>Whether the native library was loaded by this process.</summary>
    public static bool IsLoaded =>
#if TORCHSHARP
        true;
#else
        NativeLibraryState.IsLoaded;
#endif

    /// <summary>The native library that the engine stands on, relative to the program's folder; for <c>mosar doctor</c>.</summary>
    public static string LibraryFile =>
#if TORCHSHARP
        Path.Combine("runtimes", "linux-x64", "native", "libLibTorchSharp.so");
#else
        "libmosar_torch.so";
#endif

    /// <summary>The Debian package whose absence keeps that library from loading. TorchSharp 0.107 wants GCC 13's, which Debian 12 has not.</summary>
    public static string Package =>
#if TORCHSHARP
        "libstdc++6";
#else
        "libtorch-dev";
#endif

    /// <summary>Loads the engine where it is not loaded yet.</summary>
    /// <exception cref="MoSarException">torch-not-loaded, with the remedy.</exception>
    public static TensorEngineInfo Describe()
    {
#if TORCHSHARP
        return new TensorEngineInfo(torch.__version__, "built in", "", true, torch.get_num_threads(), torch.get_num_interop_threads(), torch.cuda_is_available());
#else
        string library = Resolved(NativeMethods.Describe(1));
        string name = NativeMethods.Describe(2) is { Length: > 0 } config ? Before(config, ' ') : BlasOf(library);
        return new TensorEngineInfo(
            torch.__version__, name, library, name != ReferenceBlas, torch.get_num_threads(), torch.get_num_interop_threads(), torch.cuda_is_available());
#endif
    }

#if !TORCHSHARP
    private const string ReferenceBlas = "reference BLAS";

    /// <summary>Debian's alternatives hide the library behind links with one name for all.</summary>
    private static string Resolved(string path)
    {
        for (int links = 0; links < 8 && File.Exists(path) && new FileInfo(path).LinkTarget is { } target; links++)
            path = Path.GetFullPath(target, Path.GetDirectoryName(path)!);
        return path;
    }

    internal static string BlasOf(string library) => library switch
    {
        "" => "built in",
        _ when library.Contains("openblas", StringComparison.OrdinalIgnoreCase) => "OpenBLAS",
        _ when library.Contains("mkl", StringComparison.OrdinalIgnoreCase) => "MKL",
        _ when library.Contains("blis", StringComparison.OrdinalIgnoreCase) => "BLIS",
        _ when library.Contains("torch", StringComparison.OrdinalIgnoreCase) => "built in",
        _ => ReferenceBlas,
    };

    private static string Before(string text, char end) => text.IndexOf(end) is var at and > 0 ? text[..at] : text;
#endif
}
