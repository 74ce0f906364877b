using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Learning.Networks;

namespace MoSar.Plugins.Scene;

public sealed record SceneLearnerOptions
{
    [Required]
    [ManifestPath]
    [Description("The face model, face.safetensors: template, expressions and albedo.")]
    public string Model { get; init; } = string.Empty;

    [ManifestPath]
    [Description("What makes a head of α, as `mosar train shapes` writes it: part-gnn.safetensors, 𝓕 of 3.1, or linear.safetensors; or out of weights that such a training made. Without it the face model's own linear identity.")]
    public string? Shape { get; init; }

    [Description("The network that looks at the picture: resnet50, the paper's; compact; or landmarks, which stands on dense landmarks and a fit to them.")]
    public SceneBackbone Encoder { get; init; } = SceneBackbone.Compact;

    [ManifestPath]
    [Description("Weights to begin with: dense landmarks as learn.dense_landmarks writes them or as a scene encoder on them has them, or an image classifier of the encoder's kind by torchvision's names, as safetensors.")]
    public string? Backbone { get; init; }
}
