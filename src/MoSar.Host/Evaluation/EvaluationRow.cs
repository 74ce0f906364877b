using MoSar.Host.Composition;

namespace MoSar.Host.Evaluation;

public enum RowKind
{
    /// <summary>A variant of the pipeline.</summary>
    Variant,

    /// <summary>The model's mean face, placed with the true camera: what one gets for nothing.</summary>
    MeanFace,

    /// <summary>The truth against itself: whatever is not 0 here is an error of the measure.</summary>
    GroundTruth,
}

/// <summary>A row of the table.</summary>
/// <param name="Name">Also its folder.</param>
/// <param name="Label">What tables call it.</param>
/// <param name="Key">Fingerprint of all that decides its estimates beside the photograph: stages, options, the content of weights, the code.</param>
/// <param name="Stages">Made; null of rows that are no variants.</param>
/// <param name="Weights">Name and content of the files that its stages read.</param>
public sealed record EvaluationRow(string Name, string Label, RowKind Kind, string Key, RowStages? Stages, IReadOnlyList<Runs.WeightRecord> Weights);

/// <summary>The stages of one row; equal ones of several rows are one object.</summary>
/// <param name="CropKey">Fingerprint of detection and landmarks: rows that share it share their results.</param>
public sealed record RowStages(ComposedStage<IFaceDetector> Detect, ComposedStage<ILandmarkDetector> Landmarks, ComposedStage<IGeometryEstimator> Geometry, string CropKey);

/// <param name="Name">Its key below <c>evaluators:</c>.</param>
/// <param name="Key">Fingerprint of all that decides its figures beside photograph and estimate.</param>
public sealed record NamedEvaluator(string Name, IEvaluator Evaluator, string Key);
