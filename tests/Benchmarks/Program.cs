using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using MoSar.Benchmarks;

// dotnet run --project tests/Benchmarks -- ratio [NAME]   C# against its PyTorch twin, one table; NAME: only lines that contain it
// dotnet run --project tests/Benchmarks -- ratio graphics the same for pictures, harmonics, rasters and rays
// dotnet run --project tests/Benchmarks -- ratio shading  the same for Eq. 5-8 with gradients, 512x512
// dotnet run --project tests/Benchmarks -- --filter '*'   BenchmarkDotNet's own measurements
if (args is ["ratio", "graphics"])
    return TwinTable.Print(GraphicsTwins.All(), "graphics_twin.py");
if (args is ["ratio", "shading"])
    return TwinTable.Print(ShadingBenchmarks.Twins(), "shading_twin.py");
if (args is ["ratio", .. var rest])
    return TwinTable.Print(TorchTwins.All(), "torch_twin.py", rest.FirstOrDefault() ?? "");

// In this process: a generated project would not know the repository's build folder and native libraries.
IConfig config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
return 0;
