namespace MoSar.Training;

/// <summary>What the trainers of the shipped networks need; the defaults are the shipped recipes.</summary>
public sealed record TrainerOptions
{
    /// <summary>The face model that is rendered.</summary>
    public required string Model { get; init; }

    /// <summary>Folder with london/ and canada/; held-out people are never read from it.</summary>
    public required string Portraits { get; init; }

    /// <summary>Folder with environments (.hdr) for backgrounds; null does without.</summary>
    public string? Environments { get; init; }

    /// <summary>The weights file to write.</summary>
    public required string Out { get; init; }

    /// <summary>Folder for the cut-outs and checkpoints; null keeps neither.</summary>
    public string? Cache { get; init; }

    public int Cutouts { get; init; } = 9000;

    public int Steps { get; init; } = 2200;

    public int Batch { get; init; } = 48;

    public double LearningRate { get; init; } = 2.5e-3;
}
