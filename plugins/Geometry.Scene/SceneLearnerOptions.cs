using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Learning.Networks;

namespace MoSar.Plugins.Scene;

public sealed record SceneLearnerOptions
{
    [Required]
    [ManifestPath]
    [Description("The face model, face.safetensors: template, linear identity, expressions and albedo.")]
    public string Model { get; init; } = string.Empty;

    [Description("The network that looks at the picture: resnet50, the paper's, or compact.")]
    public SceneBackbone Encoder { get; init; } = SceneBackbone.Compact;

    [ManifestPath]
    [Description("Weights to begin with: an image classifier of that kind by torchvision's names, as safetensors.")]
    public string? Backbone { get; init; }
}
