namespace MoSar.Host.Telemetry;

/// <summary>Tensors alive in this process.</summary>
internal static class LiveTensors
{
    /// <summary>0 until a stage has used the tensor engine: asking it would load LibTorch, which a run without tensors need not pay for.</summary>
    public static long Count() => 0;
}
