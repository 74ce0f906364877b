using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using MoSar.Benchmarks;

// dotnet run --project tests/Benchmarks -- ratio [NAME]           C# against its PyTorch twin, one table; NAME: only lines that contain it
// dotnet run --project tests/Benchmarks -- ratio graphics [NAME]  the same for pictures, harmonics, rasters and rays
// dotnet run --project tests/Benchmarks -- ratio shading [NAME]   the same for Eq. 5-8 with gradients, 512x512
// dotnet run --project tests/Benchmarks -- ratio stages [NAME]    the same for a run's stages, the fit of Eq. 1 among them
// dotnet run --project tests/Benchmarks -- ratio renderer [NAME]  the same for the vertex renderer of 3.1
// dotnet run --project tests/Benchmarks -- ratio encoder [NAME]   the same for the scene encoder
// dotnet run --project tests/Benchmarks -- ratio graph [NAME]     graph convolutions and the part-based autoencoder on the template's levels
// dotnet run --project tests/Benchmarks -- stage          the light stage: pictures and rays a second, and Embree's share of the time
// dotnet run --project tests/Benchmarks -- ratio loader [NAME]    an epoch of photographs beside PyTorch's DataLoader with PIL
// dotnet run --project tests/Benchmarks -- --filter '*'           BenchmarkDotNet's own measurements
if (args is ["stage"])
    return LightStageBenchmarks.Print();
if (args is ["ratio", .. var rest])
{
    string wanted = rest.ElementAtOrDefault(1) ?? "";
    return rest.FirstOrDefault() switch
    {
        "graphics" => TwinTable.Print(GraphicsTwins.All(), "graphics_twin.py", wanted),
        "shading" => TwinTable.Print(ShadingBenchmarks.Twins(), "shading_twin.py", wanted),
        "stages" => Stages(wanted),
        "renderer" => Renderer(wanted),
        "encoder" => TwinTable.Print(EncoderBenchmarks.Twins(), "encoder_twin.py", wanted),
        "graph" => Graph(wanted),
        "loader" => TwinTable.Print(LoaderBenchmarks.Twins(), "loader_twin.py", wanted),
        var name => TwinTable.Print(TorchTwins.All(), "torch_twin.py", name ?? ""),
    };
}

// In this process: a generated project would not know the repository's build folder and native libraries.
IConfig config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
    .WithArtifactsPath(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "benchmarks")));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
return 0;

static int Graph(string wanted)
{
    var work = new GraphBenchmarks();
    string scene = Path.GetTempFileName();
    try
    {
        work.WriteScene(scene);
        TwinTable.Print(work.Twins(), "graph_twin.py", wanted, scene);
        return work.PrintShares();
    }
    finally
    {
        File.Delete(scene);
    }
}

static int Stages(string wanted)
{
    var work = new StageBenchmarks();
    string scene = Path.GetTempFileName();
    try
    {
        work.WriteScene(scene);
        return TwinTable.Print(work.Twins(), "stage_twin.py", wanted, scene);
    }
    finally
    {
        File.Delete(scene);
    }
}

static int Renderer(string wanted)
{
    using var work = new RendererBenchmarks();
    string scene = Path.GetTempFileName();
    try
    {
        work.WriteScene(scene);
        return TwinTable.Print(work.Twins(), "renderer_twin.py", wanted, scene);
    }
    finally
    {
        File.Delete(scene);
    }
}
