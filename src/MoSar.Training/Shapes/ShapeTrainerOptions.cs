using MoSar.Learning.Networks;

namespace MoSar.Training;

/// <summary>What <see cref="ShapeTrainer"/> needs.</summary>
public sealed record ShapeTrainerOptions
{
    /// <summary>The face model, with levels.</summary>
    public string Model { get; init; } = "";

    /// <summary>Folder of the shapes, the checkpoints and the results.</summary>
    public string Out { get; init; } = "";

    /// <summary>Heads to learn from, 164 KB each.</summary>
    public int Count { get; init; } = 6080;

    /// <summary>Heads of other people to measure with.</summary>
    public int HeldOut { get; init; } = 300;

    /// <summary>Steps of the decoder's graph alone, on the codes that the linear start gives.</summary>
    public int DecoderSteps { get; init; } = 1000;

    /// <summary>Steps of both graphs together.</summary>
    public int Steps { get; init; } = 1200;

    public int Batch { get; init; } = 64;

    /// <summary>Of the network; PCA has as many coefficients.</summary>
    public PartGnnOptions Network { get; init; } = new();
}
