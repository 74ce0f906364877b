using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Learning.Training;

/// <summary>The keys of a manifest's <c>training:</c> beside <c>learner</c> and <c>losses</c>.</summary>
public sealed record TrainingRecipe
{
    [Range(1, 100_000_000)]
    [Description("Batches to learn from.")]
    public int Steps { get; init; } = 10_000;

    [Range(0.001, 100_000.0)]
    [Description("In place of steps: how often the first source of the mixture is gone through.")]
    public double? Epochs { get; init; }

    [Range(1, 65_536)]
    [Description("Samples a batch.")]
    public int Batch { get; init; } = 32;

    [Description("Shares of the data's sources in every batch, by name, such as {stage: 1, photographs: 1}. Nothing: all sources alike.")]
    public IReadOnlyDictionary<string, double> Mix { get; init; } = new Dictionary<string, double>();

    public OptimizerRecipe Optimizer { get; init; } = new();

    public ScheduleRecipe Schedule { get; init; } = new();

    [Range(0.0, 0.999999)]
    [Description("Decay of the exponential average of the weights, which is what is measured and saved; 0: the weights themselves.")]
    public double Average { get; init; } = 0.998;

    [Description("float32, or bfloat16 for convolutions and matrix products (faster only on processors that have such instructions).")]
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Float32;

    [Description("Keep the channels of pictures together in memory: convolutions are faster, results the same up to rounding.")]
    public bool ChannelsLast { get; init; } = true;

    public ValidationRecipe Validation { get; init; } = new();

    [Range(1, 1_000_000)]
    [Description("Steps between checkpoints.")]
    public int CheckpointEvery { get; init; } = 250;

    [Range(1, 1_000_000)]
    [Description("Steps between reports of the losses.")]
    public int ReportEvery { get; init; } = 10;
}

/// <summary>Adam (Kingma and Ba 2015).</summary>
public sealed record OptimizerRecipe
{
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    [Description("At its highest. Nothing: the learner's own, which is the paper's.")]
    public double? LearningRate { get; init; }

    [Description("Factors on the learning rate, by the learner's networks; 0 leaves a network as it is.")]
    public IReadOnlyDictionary<string, double> Rates { get; init; } = new Dictionary<string, double>();

    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta1 { get; init; } = 0.9;

    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta2 { get; init; } = 0.999;

    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Epsilon { get; init; } = 1e-8;

    [Range(0.0, 1.0)]
    [Description("Decoupled weight decay (AdamW, Loshchilov and Hutter 2019).")]
    public double WeightDecay { get; init; }

    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    [Description("L2 norm to which a step's gradient is cut.")]
    public double GradientNorm { get; init; } = 5;
}

public sealed record ScheduleRecipe
{
    [Description("How the learning rate falls after the warm-up: constant, linear or cosine (both to 'end').")]
    public ScheduleKind Kind { get; init; } = ScheduleKind.Cosine;

    [Range(0, 1_000_000)]
    [Description("Steps in which it rises to its height, linearly.")]
    public int WarmUp { get; init; } = 200;

    [Range(0.0, 1.0)]
    [Description("What is left of it at the last step.")]
    public double End { get; init; }

    /// <summary>The factor on the learning rate of a step, counted from 1.</summary>
    public double Factor(int step, int steps)
    {
        var warm = Math.Min(1, step / (double)Math.Max(1, WarmUp));
        var x = Math.Min(1, step / (double)steps);
        var left = Kind switch
        {
            ScheduleKind.Cosine => 0.5 * (1 + Math.Cos(Math.PI * x)),
            ScheduleKind.Linear => 1 - x,
            _ => 1,
        };
        return warm * (Kind == ScheduleKind.Constant ? 1 : End + ((1 - End) * left));
    }
}

public enum ScheduleKind
{
    Constant,
    Linear,
    Cosine,
}

public enum TrainingPrecision
{
    Float32,
    Bfloat16,
}

/// <summary>Measuring on people that training never sees (the data's validation share).</summary>
public sealed record ValidationRecipe
{
    [Range(0, 1_000_000)]
    [Description("Steps between validations; 0: none, and the last weights count as the best.")]
    public int Every { get; init; } = 500;

    [Range(1, 1_000_000)]
    [Description("Samples of each source to measure, evenly spread, always the same.")]
    public int Items { get; init; } = 64;

    [Description("What the best weights are lowest in: loss (all of it, weighed), a loss's name, or one of the learner's measures.")]
    public string Metric { get; init; } = TotalLoss;

    [Range(0, 1_000_000)]
    [Description("Stop when that many validations in a row brought nothing better; 0: never.")]
    public int Patience { get; init; }

    [Range(0, 256)]
    [Description("Samples shown in the picture that each validation leaves; 0: no picture.")]
    public int Pictures { get; init; } = 8;

    public const string TotalLoss = "loss";
}
