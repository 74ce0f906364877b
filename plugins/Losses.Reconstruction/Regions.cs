using System.ComponentModel;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.ReconstructionLosses;

public record RegionOptions
{
    [Description("Weigh vertices by this region of the template, such as face; nothing: all alike.")]
    public string? Region { get; init; }
}

internal static class Regions
{
    /// <returns>[V], living as long as the loss; null without a region.</returns>
    /// <exception cref="MoSarException"><c>loss-region</c>: the template has no such region.</exception>
    public static Tensor? Weights(FaceTemplate template, string? region)
    {
        if (region is null)
        {
            return null;
        }

        if (!template.Regions.TryGetValue(region, out var weights))
        {
            throw new MoSarException(
                "loss-region", $"The template {template.Id} has no region '{region}'.", $"It has: {string.Join(", ", template.Regions.Keys.Order(StringComparer.Ordinal))}.");
        }

        return tensor(weights).DetachFromDisposeScope();
    }
}
