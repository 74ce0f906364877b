using System.Diagnostics;

namespace MoSar.Torch.Tests;

public sealed class EngineTests
{
    [Fact]
    public void The_engine_says_what_it_is_made_of()
    {
        TensorEngineInfo info = TensorEngine.Describe();
        Assert.Matches(@"^\d+\.\d+", info.Version);
        Assert.True(info.Threads >= 1);
        Assert.True(info.BlasIsFast, $"{info.BlasName} {info.BlasLibrary}");
        Assert.True(TensorEngine.IsLoaded);
    }

    [Theory]
    [InlineData("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", "reference BLAS")]
    [InlineData("/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3", "OpenBLAS")]
    [InlineData("/opt/intel/libmkl_rt.so.2", "MKL")]
    [InlineData("/opt/libtorch/lib/libtorch_cpu.so", "built in")]
    [InlineData("", "built in")]
    public void A_BLAS_is_known_by_its_file(string library, string name) => Assert.Equal(name, TensorEngine.BlasOf(library));

    [Fact]
    public void Threads_are_all_cores_and_can_be_set()
    {
        int all = get_num_threads();
        Assert.Equal(Environment.ProcessorCount, all);
        set_num_threads(1);
        Assert.Equal(1, get_num_threads());
        set_num_threads(all);
    }

    [Fact]
    public void An_error_names_the_operator_and_hides_the_backtrace()
    {
        using var scope = NewDisposeScope();
        var e = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => torch.matmul(ones(2, 3), ones(2, 3)));
        Assert.StartsWith("aten::matmul: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", e.Message);
        Assert.DoesNotContain("frame #", e.Message);
    }

    [Fact]
    public void A_disposed_tensor_says_so()
    {
        Tensor t = ones(2);
        t.Dispose();
        Assert.Throws<ObjectDisposedException>(() => t.sum());
        t.Dispose();
    }
}

/// <summary>The assembly beside a native library that does not load, as on a machine without LibTorch.</summary>
public sealed class MissingEngineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-engine-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_the_engine_tensors_say_what_to_install()
    {
        string copy = Path.Combine(_folder, "MoSar.Torch.dll");
        File.Copy(typeof(TensorEngine).Assembly.Location, copy);
        File.WriteAllText(Path.Combine(_folder, "libmosar_torch.so"), "not a library");
        var alone = new System.Runtime.Loader.AssemblyLoadContext("without LibTorch").LoadFromAssemblyPath(copy);
        object? Call(string type, string method, params object[] arguments) => alone.GetType(type)!.GetMethod(method)!.Invoke(null, arguments);

        Assert.Equal(0L, alone.GetType("MoSar.TensorEngine")!.GetProperty("LiveTensors")!.GetValue(null));
        var e = Assert.Throws<System.Reflection.TargetInvocationException>(() => Call("MoSar.TensorEngine", "Describe"));
        MoSarException error = Assert.IsType<MoSarException>(e.InnerException);
        Assert.Equal("torch-not-loaded", error.Code);
        Assert.StartsWith($"the tensor engine could not be loaded from {Path.Combine(_folder, "libmosar_torch.so")}: ", error.Message);
        Assert.Equal("run: apt-get install libtorch-dev libopenblas0-pthread (./mosar doctor shows what is missing)", error.Remedy);
    }
}
