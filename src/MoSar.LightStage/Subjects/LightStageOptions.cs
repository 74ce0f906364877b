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

    [Range(256, 4096)]
    [Description("Side of the maps in texels.")]
    public int Resolution { get; init; } = 1024;
}
