using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>Files of weights that are shipped: half the size for what it costs nothing.</summary>
public static class CompactWeights
{
    /// <summary>Tensors of more numbers than this are most of a file. Means, deviations and what is read out are small and stay whole.</summary>
    private const int HalfFrom = 100_000;

    /// <summary>As <see cref="Weights.SaveWeights"/>, large tensors in half floats. <see cref="Weights.LoadWeights"/> reads it.</summary>
    public static void SaveCompact(this nn.Module module, string path, IReadOnlyDictionary<string, string> metadata)
    {
        using var scope = NewDisposeScope();
        Weights.SaveTensors(path, module.state_dict().Select(t => KeyValuePair.Create(t.Key, t.Value.numel() > HalfFrom ? t.Value.to(ScalarType.Float16) : t.Value)), metadata);
    }
}
