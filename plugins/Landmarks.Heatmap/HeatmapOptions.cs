using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Landmarking;

public sealed record HeatmapOptions
{
    [Description("The network's weights, a safetensors file that `mosar train landmarks` wrote.")]
    [Required]
    [ManifestPath]
    public string Weights { get; init; } = "";

    [Description("How often the crop is taken again around the points just found; the first crop is the detector's.")]
    [Range(1, 5)]
    public int Passes { get; init; } = 2;

    [Description("Average the last pass over the picture, its mirror image and a wider crop.")]
    public bool Average { get; init; } = true;
}
