using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.LightStage.Subjects;

/// <summary>What a light stage is asked for: the keys of manifests/data/lightstage.yaml.</summary>
public sealed record LightStageOptions
{
    [Required]
    [AllowedValues("mosar/v1")]
    [Description("Version of the manifest's format.")]
    public string Schema { get; init; } = "mosar/v1";

    [Description("Shown in lightstage.json.")]
    public string Name { get; init; } = "lightstage";

    [Description("One sentence about this light stage.")]
    public string Description { get; init; } = "";

    [Range(0, int.MaxValue)]
    [Description("Everything is drawn from it: the same seed makes the same subjects, whatever the number of cores.")]
    public int Seed { get; init; } = 1;

    [Required]
    [ManifestPath]
    [Description("The face model (mosar model build).")]
    public string Model { get; init; } = "";

    [Range(1f, 3f)]
    [Description("Heads up to so many times as far from the mean: each person has a factor of their own between 1 and this. Above 1, some heads are as rare as those of other face models are.")]
    public float ShapeSpread { get; init; } = 1;

    [Range(256, 4096)]
    [Description("Side of the maps in texels.")]
    public int Resolution { get; init; } = 1024;

    [Range(0, 2048)]
    [Description("Side in pixels of the twelve calibrated views under even light; 0 makes none.")]
    public int StageSize { get; init; } = 512;

    [Range(0, 10000)]
    [Description("How many renders in the wild each subject gets.")]
    public int WildViews { get; init; } = 4;

    [Range(64, 2048)]
    [Description("Side in pixels of the renders in the wild.")]
    public int WildSize { get; init; } = 256;

    [ManifestPath]
    [Description("A folder with environments (.hdr, .exr) for the renders in the wild; without it the built-in ones.")]
    public string? Environments { get; init; }

    [ManifestPath]
    [Description("A bank of real people's fine skin (mosar data skins) to recombine; without it skin is painted.")]
    public string? Skins { get; init; }

    [AllowedValues(1, 4, 9, 16)]
    [Description("Samples a pixel, a square number.")]
    public int Samples { get; init; } = 4;
}
