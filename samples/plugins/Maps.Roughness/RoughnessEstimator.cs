using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar;

namespace Maps.Roughness;

/// <summary>Registers what this plugin offers. The host looks for the one class that implements IPluginModule.</summary>
public sealed class Module : IPluginModule
{
    public void Register(IStageRegistry registry) => registry.Add<IMapEstimator, RoughnessOptions>(
        "maps.roughness",
        "Roughness for PBR engines: oily skin (high specular) is smooth, thin translucent skin a little smoother.",
        options => new RoughnessEstimator(options));
}

/// <summary>The keys a manifest may set: smooth, rough.</summary>
public sealed record RoughnessOptions
{
    [Range(0.0, 1.0), Description("Roughness of the oiliest skin.")]
    public double Smooth { get; init; } = 0.35;

    [Range(0.0, 1.0), Description("Roughness of the driest skin.")]
    public double Rough { get; init; } = 0.65;
}

public sealed class RoughnessEstimator(RoughnessOptions options) : IMapEstimator
{
    private static readonly MapDescriptor Roughness = new(
        "roughness", Channels: 1, Minimum: 0, Maximum: 1, MapEncoding.LinearPng8, Units: "GGX perceptual roughness", "0 = mirror, 1 = chalk.");

    public IReadOnlyList<string> Needs { get; } = ["specular", "translucency"];

    public IReadOnlyList<MapDescriptor> Makes { get; } = [Roughness];

    public IReadOnlyList<Map> Run(MapInput input, StageContext context)
    {
        var specular = input.Maps["specular"].Pixels;
        var translucency = input.Maps["translucency"].Pixels;
        var roughness = new Image(specular.Width, specular.Height, channels: 1);
        for (var i = 0; i < roughness.Pixels.Length; i++)
        {
            // Skin reflects 2.8 % at normal incidence; twice that is as oily as it gets.
            var oil = Math.Clamp(specular.Pixels[i] / 0.056f, 0f, 1f);
            var thin = Math.Clamp(translucency.Pixels[i], 0f, 1f);
            var dry = (1 - oil) * (1 - (0.2f * thin));
            roughness.Pixels[i] = (float)(options.Smooth + ((options.Rough - options.Smooth) * dry));
        }

        context.Cancellation.ThrowIfCancellationRequested();
        return [new Map(Roughness, roughness)];
    }
}
