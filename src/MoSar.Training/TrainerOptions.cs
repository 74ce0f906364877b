using MoSar.Learning.Networks;

namespace MoSar.Training;

/// <summary>What the trainers of the shipped networks need.</summary>
public sealed record TrainerOptions
{
    /// <summary>Environments, by file name without extension, that no training sees: false alarms are counted on them.</summary>
    public static IReadOnlySet<string> HeldOutEnvironments { get; } = new HashSet<string> { "bridge", "lobby", "venice" };

    /// <summary>The face model that is rendered.</summary>
    public string Model { get; init; } = "";

    /// <summary>Folder with london/ and canada/; held-out people are never read from it. Null, which needs a light stage, learns from no photograph.</summary>
    public string? Portraits { get; init; }

    /// <summary>A light stage whose renders are learned from in place of cut-outs; null renders cut-outs.</summary>
    public string? Stage { get; init; }

    /// <summary>Folder with environments (.hdr) for backgrounds; null does without.</summary>
    public string? Environments { get; init; }

    /// <summary>The weights file to write.</summary>
    public string Out { get; init; } = "";

    /// <summary>Folder for the cut-outs and checkpoints; null keeps neither.</summary>
    public string? Cache { get; init; }

    /// <summary>Renders to draw from.</summary>
    public int Cutouts { get; init; } = 8000;

    public int Steps { get; init; } = 2400;

    public int Batch { get; init; } = 48;

    public double LearningRate { get; init; } = 2.5e-3;

    /// <summary>Side of the crops that the landmark network learns from, pixels; a multiple of 16. 1 % of the distance between a face's eyes is about half a pixel of 128.</summary>
    public int Side { get; init; } = LandmarkNetwork.InputSide;

    /// <summary>Weights to begin with; null begins anew.</summary>
    public string? Begin { get; init; }

    /// <summary>Convolutions in bfloat16: faster only on processors that have such instructions.</summary>
    public bool BFloat16 { get; init; }
}
