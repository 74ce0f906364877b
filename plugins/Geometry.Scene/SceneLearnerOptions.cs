using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Plugins.Scene;

public sealed record SceneLearnerOptions
{
    [Required]
    [ManifestPath]
    [Description("The face model, face.safetensors: template, linear identity, expressions and albedo.")]
    public string Model { get; init; } = string.Empty;
}
