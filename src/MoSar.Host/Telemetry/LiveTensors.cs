using System.Runtime.CompilerServices;

namespace MoSar.Host.Telemetry;

/// <summary>Tensors alive in this process.</summary>
internal static class LiveTensors
{
    private static bool isLoaded;

    /// <summary>0 until a stage has used the tensor engine: asking it would load LibTorch, which a run without tensors need not pay for.</summary>
    public static long Count()
    {
        isLoaded = isLoaded || AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name is "MoSar.Torch" or "TorchSharp");
        return isLoaded ? Ask() : 0;
    }

    // Not inlined: compiling this method is what loads the tensor engine.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Ask() => TensorEngine.LiveTensors;
}
