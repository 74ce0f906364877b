using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Locating;

public sealed record LocatorOptions
{
    [Description("The network's weights, a safetensors file that `mosar train locator` wrote.")]
    [Required]
    [ManifestPath]
    public string Weights { get; init; } = "";

    [Description("Lowest confidence of a face, after the second look.")]
    [Range(0.05, 0.99)]
    public double Threshold { get; init; } = 0.4;

    [Description("Lowest confidence of a place that gets a second look.")]
    [Range(0.02, 0.99)]
    public double FirstThreshold { get; init; } = 0.15;
}
